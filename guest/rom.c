/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Is this a ROM that we can use?  Everything in it is suspect until it has
 * been checked: the file may be truncated, of another version, or no ROM at
 * all.  docs/abi.md, section 1.
 */
#include "lib.h"

int vmi_blame(struct vmi_reason *why, enum vmi_error error, uint32_t where,
	      uint32_t found, uint32_t want)
{
	why->error = error;
	why->where = where;
	why->found = found;
	why->want = want;
	why->call = VMI_NR_CALLS;
	why->offset = 0;
	return -1;
}

static uint8_t checksum(const uint8_t *image, uint32_t length)
{
	uint8_t sum = 0;

	while (length--)
		sum = (uint8_t)(sum + *image++);
	return sum;
}

/* Compare the NUL-ended string at `offset` with `text`; bounded by both */
static int string_is(const uint8_t *image, uint32_t length, uint32_t offset,
		     const char *text)
{
	while (offset < length) {
		if (image[offset] != (uint8_t)*text)
			return 0;
		if (*text == '\0')
			return 1;
		offset++;
		text++;
	}
	return 0;
}

static int licence_is_good(const uint8_t *image, uint32_t length)
{
	uint32_t offset = vmi_get16(image + VMI_OFF_LICENCE);

	if (offset == 0)
		return 0;
	return string_is(image, length, offset, VMI_LICENCE_GPL_V2) ||
	       string_is(image, length, offset, VMI_LICENCE_GPL);
}

/* A PCI data structure has 24 bytes; its signature is what 3.0 guests want */
static int pci_header_is_good(const uint8_t *image, uint32_t length)
{
	uint32_t offset = vmi_get16(image + VMI_OFF_PCI_HEADER);

	return offset != 0 && vmi_inside(length, offset, 24) &&
	       vmi_get32(image + offset) == VMI_PCI_SIGNATURE;
}

/* Signature, length and checksum: is the image there, and all of it? */
static int check_image(const uint8_t *image, uint32_t available,
		       uint32_t physical, struct vmi_reason *why)
{
	uint32_t length;

	if (available < sizeof(struct vmi_rom_header))
		return vmi_blame(why, VMI_ERROR_LENGTH, physical,
				 sizeof(struct vmi_rom_header), available);
	if (vmi_get16(image) != VMI_ROM_SIGNATURE)
		return vmi_blame(why, VMI_ERROR_SIGNATURE, physical,
				 vmi_get16(image), VMI_ROM_SIGNATURE);
	if (vmi_get32(image + VMI_OFF_SIGNATURE) != VMI_SIGNATURE)
		return vmi_blame(why, VMI_ERROR_SIGNATURE, physical,
				 vmi_get32(image + VMI_OFF_SIGNATURE),
				 VMI_SIGNATURE);
	length = (uint32_t)image[VMI_OFF_ROM_LENGTH] * VMI_ROM_SIZE_UNIT;
	if (length == 0 || length > available)
		return vmi_blame(why, VMI_ERROR_LENGTH, physical, length,
				 available);
	if (checksum(image, length) != 0)
		return vmi_blame(why, VMI_ERROR_CHECKSUM, physical,
				 checksum(image, length), 0);
	return 0;
}

/* The header's fields, of an image that is complete */
static int check_header(const uint8_t *image, uint32_t length,
			uint32_t physical, struct vmi_reason *why)
{
	uint32_t top = vmi_get32(image + VMI_OFF_VIRTUAL_TOP);

	if (image[VMI_OFF_API_MAJOR] != VMI_API_MAJOR)
		return vmi_blame(why, VMI_ERROR_VERSION, physical,
				 image[VMI_OFF_API_MAJOR], VMI_API_MAJOR);
	if (!pci_header_is_good(image, length))
		return vmi_blame(why, VMI_ERROR_PCI_HEADER, physical,
				 vmi_get16(image + VMI_OFF_PCI_HEADER), 0);
	if (!licence_is_good(image, length))
		return vmi_blame(why, VMI_ERROR_LICENCE, physical,
				 vmi_get16(image + VMI_OFF_LICENCE), 0);
	if (image[VMI_OFF_NR_SLOTS] < VMI_NR_SLOTS)
		return vmi_blame(why, VMI_ERROR_SLOTS, physical,
				 image[VMI_OFF_NR_SLOTS], VMI_NR_SLOTS);
	/* In whole pages, and the image at its bottom must fit below 4 GiB */
	if (top < VMI_HOLE_START_MIN || (top & 0xFFF) != 0 ||
	    top > 0xFFFFFFFF - length)
		return vmi_blame(why, VMI_ERROR_HOLE, physical, top,
				 VMI_HOLE_START_MIN);
	return 0;
}

int vmi_rom_check(const void *bytes, uint32_t available, uint32_t physical,
		  struct vmi_rom *rom, struct vmi_reason *why)
{
	const uint8_t *image = (const uint8_t *)bytes;
	uint32_t length;

	if (check_image(image, available, physical, why))
		return -1;
	length = (uint32_t)image[VMI_OFF_ROM_LENGTH] * VMI_ROM_SIZE_UNIT;
	if (check_header(image, length, physical, why))
		return -1;

	rom->image = image;
	rom->length = length;
	rom->physical = physical;
	rom->virtual_top = vmi_get32(image + VMI_OFF_VIRTUAL_TOP);
	rom->api_minor = image[VMI_OFF_API_MINOR];
	rom->rejected = 0;
	vmi_blame(&rom->first_rejected, VMI_OK, 0, 0, 0);
	if (vmi_elf_open(rom, why))
		return -1;
	vmi_blame(why, VMI_OK, physical, 0, 0);
	return 0;
}
