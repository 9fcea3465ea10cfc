/* Facts that need several files: power, accounts, capabilities, virtualization. */
#include "facts.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/dir.h"
#include "../base/fd.h"
#include "../base/paths.h"
#include "../base/keytab.h"

static bool read_line(int root, const char *path, char *buf, size_t size)
{
	struct err ignored;
	ssize_t len = fd_read_file(root, path, buf, size, &ignored);

	if (len < 0) {
		buf[0] = '\0';
		return false;
	}
	buf[strcspn(buf, "\n")] = '\0';
	return true;
}

/* On mains unless a supply says that it is offline and none that it is online. */
int fact_ac_power(int root, const char *value, struct err *e)
{
	DIR *dir = dir_list(fd_open_in_root(root, "sys/class/power_supply", O_RDONLY | O_DIRECTORY, 0));
	const struct dirent *d;
	bool wanted = true, online = false, offline = false;

	(void)e;
	keytab_bool(span_of(value), &wanted);
	while (dir && (d = readdir(dir))) {
		char path[400], text[32];

		snprintf(path, sizeof path, "sys/class/power_supply/%s/type", d->d_name);
		if (!read_line(root, path, text, sizeof text) || strcmp(text, "Mains") != 0)
			continue;
		snprintf(path, sizeof path, "sys/class/power_supply/%s/online", d->d_name);
		if (!read_line(root, path, text, sizeof text))
			continue;
		online = online || text[0] == '1';
		offline = offline || text[0] == '0';
	}
	if (dir)
		closedir(dir);
	return (online || !offline) == wanted;
}

/* The number of an account in etc/passwd or etc/group; -1: there is none. */
static long account_id(int root, const char *path, const char *name)
{
	static char text[65536]; /* conditions are checked one after the other */
	struct err ignored;
	ssize_t len = fd_read_file(root, path, text, sizeof text, &ignored);
	struct span left = { text, len > 0 ? (size_t)len : 0 }, line, field, rest, id;
	uint64_t n;

	if (span_uint(span_of(name), UINT32_MAX - 1, &n))
		return (long)n;
	while (span_line(&left, &line)) {
		span_cut(line, ':', &field, &rest);
		if (!rest.at || !span_is(field, name))
			continue;
		span_cut(rest, ':', &field, &rest); /* the password */
		if (!rest.at)
			continue;
		span_cut(rest, ':', &id, &rest);
		return span_uint(id, UINT32_MAX - 1, &n) ? (long)n : -1;
	}
	return -1;
}

int fact_user(int root, const char *value, struct err *e)
{
	(void)e;
	if (strcmp(value, "@system") == 0)
		return getuid() < 1000;
	return account_id(root, "etc/passwd", value) == (long)getuid();
}

int fact_group(int root, const char *value, struct err *e)
{
	gid_t groups[256];
	int n = getgroups(256, groups);
	long wanted;

	if (strcmp(value, "@system") == 0)
		return getgid() < 1000;
	if (n < 0)
		return err_sys(e, "getgroups");
	wanted = account_id(root, "etc/group", value);
	if (wanted == (long)getgid())
		return 1;
	for (int i = 0; i < n; i++)
		if (wanted == (long)groups[i])
			return 1;
	return 0;
}

static const char *const capabilities[] = {
	"chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid",
	"setpcap", "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw",
	"ipc_lock", "ipc_owner", "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct",
	"sys_admin", "sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config", "mknod",
	"lease", "audit_write", "audit_control", "setfcap", "mac_override", "mac_admin", "syslog",
	"wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf", "checkpoint_restore",
};

/* In the bounding set of this process? */
int fact_capability(int root, const char *value, struct err *e)
{
	char text[4096], lower[32];
	const char *line;
	unsigned long long set;
	struct err ignored;

	if (!span_copy(span_of(value), lower, sizeof lower))
		return err_say(e, "no such capability: %s", value);
	for (char *p = lower; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	if (fd_read_file(root, "proc/self/status", text, sizeof text, &ignored) < 0 ||
	    !(line = strstr(text, "CapBnd:")))
		return err_say(e, "/proc/self/status does not tell the bounding set");
	set = strtoull(line + strlen("CapBnd:"), NULL, 16);
	for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++)
		if (strncmp(lower, "cap_", 4) == 0 && strcmp(lower + 4, capabilities[i]) == 0)
			return (set >> i & 1) != 0;
	return err_say(e, "no such capability: %s", value);
}

static bool exists(int root, const char *path)
{
	FD_AUTO fd = fd_open_in_root(root, path, O_PATH, 0);

	return fd >= 0;
}

int fact_security(int root, const char *value, struct err *e)
{
	static const struct {
		const char *name, *path;
	} files[] = {
		{ "selinux", "sys/fs/selinux/enforce" },
		{ "smack", "sys/fs/smackfs/load2" },
		{ "tomoyo", "sys/kernel/security/tomoyo/version" },
		{ "ima", "sys/kernel/security/ima" },
		{ "tpm2", "sys/class/tpmrm/tpmrm0" },
		{ "audit", "proc/self/loginuid" },
	};
	char text[64];

	if (strcmp(value, "apparmor") == 0)
		return read_line(root, &PATH_APPARMOR_ENABLED[1], text, sizeof text) &&
		       text[0] == 'Y';
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (strcmp(value, files[i].name) == 0)
			return exists(root, files[i].path);
	return err_say(e, "%s can't be told by this version", value);
}

/* The container's kind from PID 1's "container=", or its traces; NULL: none. */
static const char *container(int root)
{
	static char kind[64];
	char text[4096];
	struct err ignored;
	const char *named = getenv("container");
	ssize_t len;

	if (named && named[0])
		return named;
	if (read_line(root, "run/systemd/container", kind, sizeof kind) && kind[0])
		return kind;
	len = fd_read_file(root, "proc/1/environ", text, sizeof text, &ignored);
	for (ssize_t i = 0; i < len; i += (ssize_t)strlen(text + i) + 1)
		if (strncmp(text + i, "container=", 10) == 0 && text[i + 10]) {
			snprintf(kind, sizeof kind, "%s", text + i + 10);
			return kind;
		}
	if (exists(root, "run/.containerenv"))
		return "podman";
	return exists(root, ".dockerenv") ? "docker" : NULL;
}

static const char *virtual_machine(int root)
{
	static const struct {
		const char *in_dmi, *kind;
	} vendors[] = {
		{ "KVM", "kvm" }, { "OpenStack", "kvm" }, { "KubeVirt", "kvm" },
		{ "Amazon EC2", "amazon" }, { "QEMU", "qemu" }, { "VMware", "vmware" },
		{ "VMW", "vmware" }, { "innotek GmbH", "oracle" }, { "VirtualBox", "oracle" },
		{ "Xen", "xen" }, { "Bochs", "bochs" }, { "Parallels", "parallels" },
		{ "BHYVE", "bhyve" }, { "Hyper-V", "microsoft" }, { "Google", "google" },
	};
	static const char *const files[] = {
		"sys/class/dmi/id/product_name", "sys/class/dmi/id/sys_vendor",
		"sys/class/dmi/id/board_vendor", "sys/class/dmi/id/bios_vendor",
	};
	char text[128];

	if (exists(root, "proc/xen"))
		return "xen";
	for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
		read_line(root, files[f], text, sizeof text);
		for (size_t i = 0; i < sizeof vendors / sizeof *vendors; i++)
			if (strstr(text, vendors[i].in_dmi))
				return vendors[i].kind;
	}
	return NULL;
}

int fact_virtualization(int root, const char *value, struct err *e)
{
	const char *inside = container(root), *machine = inside ? NULL : virtual_machine(root);
	bool wanted;

	(void)e;
	if (keytab_bool(span_of(value), &wanted))
		return (inside || machine) == wanted;
	if (strcmp(value, "container") == 0)
		return inside != NULL;
	if (strcmp(value, "vm") == 0)
		return machine != NULL;
	if (strcmp(value, "private-users") == 0) {
		char text[128];

		read_line(root, "proc/self/uid_map", text, sizeof text);
		return text[0] && !strstr(text, "4294967295");
	}
	return (inside && strcmp(inside, value) == 0) || (machine && strcmp(machine, value) == 0);
}
