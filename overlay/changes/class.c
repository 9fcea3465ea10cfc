#include "class.h"

#include <stdbool.h>

#include "pathrule.h"

#define IDENTITY(path) { CLASS_IDENTITY, false, path }
#define CONFIG(path)   { CLASS_CONFIG, false, path }
#define CACHE(path)    { CLASS_CACHE, false, path }
#define LOG(path)      { CLASS_LOG, false, path }

/* slate(8) lists these; a test compares. */
static const struct {
	enum class class;
	bool anywhere; /* a name, in any directory */
	const char *path;
} rules[] = {
	CONFIG("etc"),
	CONFIG("usr/local/etc"),
	CONFIG("root/.config"),
	CONFIG("home/*/.config"),
	CONFIG("root/.profile"),
	CONFIG("home/*/.profile"),
	CONFIG("var/spool/cron"),
	CONFIG("boot"),

	IDENTITY("etc/hostname"),
	IDENTITY("etc/hostid"),
	IDENTITY("etc/machine-id"),
	IDENTITY("etc/machine-info"),
	IDENTITY("var/lib/dbus/machine-id"),
	IDENTITY("etc/passwd"),
	IDENTITY("etc/shadow"),
	IDENTITY("etc/group"),
	IDENTITY("etc/gshadow"),
	IDENTITY("etc/subuid"),
	IDENTITY("etc/subgid"),
	IDENTITY("etc/ssh/ssh_host_*"),
	IDENTITY("etc/dropbear"),
	IDENTITY("root/.ssh"),
	IDENTITY("home/*/.ssh"),
	IDENTITY("root/.gnupg"),
	IDENTITY("home/*/.gnupg"),
	IDENTITY("etc/ssl/private"),
	IDENTITY("etc/wireguard"),
	IDENTITY("etc/slate/keys"),
	IDENTITY("etc/slate/duid"),
	IDENTITY("etc/slate/site.secret"),
	IDENTITY("etc/krb5.keytab"),
	IDENTITY("etc/iscsi/initiatorname.iscsi"),
	IDENTITY("var/lib/tor/keys"),

	CACHE("tmp"),
	CACHE("run"),
	CACHE("var/cache"),
	CACHE("var/run"),
	CACHE("var/lock"),
	CACHE("var/tmp"),
	CACHE("var/lib/apt/lists"),
	CACHE("var/lib/dhcp"),
	CACHE("var/lib/systemd"),
	CACHE("etc/mtab"),
	CACHE("etc/ld.so.cache"),
	CACHE("etc/.pwd.lock"),
	CACHE("etc/.updated"),
	CACHE("etc/blkid.tab"),
	CACHE("etc/blkid.tab.old"),
	CACHE("etc/ifstate"),
	CACHE("etc/network/run"),
	CACHE("etc/network/ifstate"),
	CACHE("etc/udev/hwdb.bin"),
	{ CLASS_CACHE, true, ".cache" },
	{ CLASS_CACHE, true, "__pycache__" },
	{ CLASS_CACHE, true, "*.pid" },
	{ CLASS_CACHE, true, "*.swp" },
	{ CLASS_CACHE, true, "*~" },
	{ CLASS_CACHE, true, ".nfs*" },
	{ CLASS_CACHE, true, "*.dpkg-tmp" },

	LOG("var/log"),
	LOG("var/lib/logrotate"),
	LOG("var/lib/logrotate.status"),
	{ CLASS_LOG, true, "*.log" },
	{ CLASS_LOG, true, ".*_history" },
};

enum class class_find(const char *path, size_t *front)
{
	enum class class = CLASS_DATA;
	size_t best = 0;

	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		size_t depth = pathrule_depth(rules[i].path, rules[i].anywhere, path);

		if (depth > 0 && depth >= best) {
			best = depth;
			class = rules[i].class;
		}
	}
	*front = pathrule_front(path, best);
	return class;
}

enum class class_of(const char *path)
{
	size_t front;

	return class_find(path, &front);
}

const char *class_name(enum class class)
{
	static const char *const names[CLASSES] = {
		[CLASS_NONE] = "none",   [CLASS_IDENTITY] = "identity", [CLASS_CONFIG] = "config",
		[CLASS_DATA] = "data",   [CLASS_CACHE] = "cache",       [CLASS_LOG] = "log",
	};

	return names[class];
}
