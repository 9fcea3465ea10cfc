#include "uki.h"

#include "../init/base/bytes.h"
#include "../init/base/fd.h"
#include "tool.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STUB "usr/lib/systemd/boot/efi/linuxx64.efi.stub"

enum { HEAD = 4096, PAGE = 4096 };

static bool find_stub(const struct plan *p, char path[static 700])
{
	snprintf(path, 700, "%s/" STUB, p->parts.loaders);
	if (p->parts.loaders[0] && access(path, R_OK) == 0)
		return true;
	snprintf(path, 700, "/" STUB);
	return access(path, R_OK) == 0;
}

void uki_certificate_beside(const char *key, char *path, size_t size)
{
	size_t len = strlen(key);

	if (len > 4 && (strcmp(key + len - 4, ".key") == 0 || strcmp(key + len - 4, ".pem") == 0))
		len -= 4;
	snprintf(path, size, "%.*s.crt", (int)len, key);
}

int uki_check(const struct plan *p, struct err *e)
{
	char path[700], tool[256];

	if (tool_find("objcopy", tool, e) < 0 || tool_find("sbsign", tool, e) < 0)
		return -1;
	if (!find_stub(p, path))
		return err_say(e, "/" STUB " is missing: apt-get install systemd-boot-efi");
	if (access(p->secure_boot, R_OK) < 0)
		return err_sys(e, "--secure-boot %s", p->secure_boot);
	if (access(p->secure_boot_cert, R_OK) < 0)
		return err_sys(e, "the certificate %s (--secure-boot-cert)", p->secure_boot_cert);
	return 0;
}

bool uki_end(const unsigned char *head, size_t len, uint64_t *end)
{
	/* Offsets of PE/COFF: where its header is told, and what stands in it and in the
	 * table of sections behind it. */
	enum { AT = 0x3c, SECTIONS = 6, OPTIONAL_SIZE = 20, OPTIONAL = 24, BASE = 48, BASE_END = 56 };
	enum { SECTION = 40, SIZE = 8, ADDRESS = 12 };

	if (len < AT + 4)
		return false;

	uint64_t pe = le32_get(head + AT);

	if (pe + BASE_END > len || memcmp(head + pe, "PE\0\0", 4) != 0)
		return false;

	uint64_t n = le16_get(head + pe + SECTIONS),
		 at = pe + OPTIONAL + le16_get(head + pe + OPTIONAL_SIZE);

	*end = 0;
	if (n == 0 || at + n * SECTION > len)
		return false;
	for (; n > 0; n--, at += SECTION) {
		uint64_t behind =
			(uint64_t)le32_get(head + at + ADDRESS) + le32_get(head + at + SIZE);

		*end = behind > *end ? behind : *end;
	}
	*end += le64_get(head + pe + BASE);
	return true;
}

static int stub_end(const char *stub, uint64_t *end, struct err *e)
{
	unsigned char head[HEAD];
	FD_AUTO fd = open(stub, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : fd_read_full(fd, head, sizeof head);

	if (len < 0)
		return err_sys(e, "read %s", stub);
	return uki_end(head, (size_t)len, end) ? 0 : err_say(e, "%s: not a program for UEFI", stub);
}

/* Each part is a section, at the next page of memory; the kernel last, as it spreads. */
static const struct {
	const char *section, *file;
} parts[] = {
	{ ".cmdline", "uki.cmdline" },
	{ ".initrd", "initramfs.img" },
	{ ".linux", "vmlinuz" },
};
enum { PARTS = sizeof parts / sizeof *parts };

static int join(const struct plan *p, const char *stub, uint64_t at, const char *out, struct err *e)
{
	char files[PARTS][800], places[PARTS][64];
	const char *argv[4 * PARTS + 4] = { "objcopy" };
	size_t n = 1;

	for (size_t i = 0; i < PARTS; i++) {
		char path[700];
		struct stat st;

		snprintf(path, sizeof path, "%s/%s", p->work, parts[i].file);
		if (stat(path, &st) < 0)
			return err_sys(e, "stat %s", path);
		at = (at + PAGE - 1) / PAGE * PAGE;
		snprintf(files[i], sizeof files[i], "%s=%s", parts[i].section, path);
		snprintf(places[i], sizeof places[i], "%s=0x%" PRIx64, parts[i].section, at);
		at += (uint64_t)st.st_size;
		argv[n++] = "--add-section";
		argv[n++] = files[i];
		argv[n++] = "--change-section-vma";
		argv[n++] = places[i];
	}
	argv[n++] = stub;
	argv[n++] = out;
	return tool_run(argv, NULL, e);
}

static int write_cmdline(const struct plan *p, struct err *e)
{
	char path[700], text[PLAN_CMDLINE_MAX];

	plan_cmdline(p, text);
	snprintf(path, sizeof path, "%s/uki.cmdline", p->work);
	return fd_write_file(AT_FDCWD, path, text, strlen(text) + 1, e);
}

int uki_stage(const struct plan *p, struct err *e)
{
	char stub[700], folder[700], joined[700], program[800];
	const char *sign[] = { "sbsign", "--key", p->secure_boot, "--cert", p->secure_boot_cert, "--output",
		               program, joined, NULL };
	const struct tool_run asks = { .terminal = true }; /* for the key's password */
	uint64_t end;

	snprintf(folder, sizeof folder, "%s/esp/EFI/BOOT", p->work);
	snprintf(joined, sizeof joined, "%s/uki.efi", p->work);
	snprintf(program, sizeof program, "%s/BOOTX64.EFI", folder);
	if (!find_stub(p, stub) || stub_end(stub, &end, e) < 0 || write_cmdline(p, e) < 0 ||
	    fd_mkdirs(AT_FDCWD, folder, 0755, e) < 0 || join(p, stub, end, joined, e) < 0)
		return -1;
	return tool_run(sign, &asks, e);
}
