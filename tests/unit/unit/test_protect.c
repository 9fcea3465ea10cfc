/* What the lines of a unit ask its sandbox for. */
#include "tree.h"

#include <linux/capability.h>
#include <linux/securebits.h>

#include "../../../init/unit/calls.h"
#include "../../../init/unit/sandbox.h"

#define CAP(name) (UINT64_C(1) << CAP_##name)
#define ALL UINT64_MAX

static struct tree t;

static struct unit_set *load(const char *lines)
{
	char text[1024];

	tree_make(&t);
	tree_base(&t);
	snprintf(text, sizeof text, "[Service]\nExecStart=/bin/x\n%s\n", lines);
	tree_file(&t, LIB "x.service", text);
	return tree_load(&t, "x.service");
}

static const struct sandbox *box_of(const struct unit_set *set)
{
	return tree_unit(set, "x.service")->service->exec_config.sandbox;
}

static const struct {
	const char *lines;
	uint64_t bounding, ambient;
} capabilities[] = {
	{ "CapabilityBoundingSet=CAP_CHOWN cap_kill", CAP(CHOWN) | CAP(KILL), 0 },
	{ "CapabilityBoundingSet=CAP_CHOWN\nCapabilityBoundingSet=CAP_KILL",
	  CAP(CHOWN) | CAP(KILL), 0 },
	{ "CapabilityBoundingSet=", 0, 0 },
	{ "CapabilityBoundingSet=CAP_CHOWN\nCapabilityBoundingSet=", 0, 0 },
	{ "CapabilityBoundingSet=~", ALL, 0 },
	{ "CapabilityBoundingSet=CAP_CHOWN\nCapabilityBoundingSet=~", ALL, 0 },
	{ "CapabilityBoundingSet=~CAP_BPF CAP_SYS_ADMIN", ALL & ~CAP(BPF) & ~CAP(SYS_ADMIN), 0 },
	{ "CapabilityBoundingSet=~CAP_BPF\nCapabilityBoundingSet=~CAP_SYSLOG",
	  ALL & ~CAP(BPF) & ~CAP(SYSLOG), 0 },
	{ "CapabilityBoundingSet=CAP_BPF CAP_KILL\nCapabilityBoundingSet=~CAP_BPF", CAP(KILL), 0 },
	{ "AmbientCapabilities=CAP_NET_RAW\nAmbientCapabilities=CAP_CHECKPOINT_RESTORE", ALL,
	  CAP(NET_RAW) | CAP(CHECKPOINT_RESTORE) },
	{ "AmbientCapabilities=CAP_NET_RAW\nAmbientCapabilities=", ALL, 0 },
};

static void capabilities_add_up_line_by_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++) {
		struct unit_set *set = load(capabilities[i].lines);
		const struct sandbox *box = box_of(set);

		if (box->bounding != capabilities[i].bounding ||
		    box->ambient != capabilities[i].ambient)
			fail_msg("%s: %llx, %llx", capabilities[i].lines,
			         (unsigned long long)box->bounding,
			         (unsigned long long)box->ambient);
		unit_set_free(set);
		tree_remove(&t);
	}
}

static void secure_bits_are_words(void **state)
{
	struct unit_set *set = load("SecureBits=noroot noroot-locked\nSecureBits=keep-caps");
	const struct unit *u = tree_unit(set, "x.service");

	(void)state;
	assert_int_equal(u->service->exec_config.sandbox->secure_bits,
	                 SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_KEEP_CAPS);
	unit_set_free(set);
	tree_remove(&t);
}

static const struct {
	const char *line, *why;
} wrong[] = {
	{ "CapabilityBoundingSet=CAP_FLY", "not a capability: CAP_FLY" },
	{ "AmbientCapabilities=63", "not a capability: 63" },
	{ "SecureBits=safe", "not a secure bit: safe" },
	{ "RestrictNamespaces=mount", "not a kind of namespace: mount" },
	{ "RestrictAddressFamilies=UNIX", "not an address family: UNIX" },
	{ "SystemCallFilter=@nonsense", "not a group of system calls: @nonsense" },
	{ "SystemCallFilter=~fly", "not a system call: fly" },
	{ "SystemCallFilter=read:EWHAT", "neither an error nor kill: EWHAT" },
	{ "SystemCallErrorNumber=0", "neither an error nor kill: 0" },
	{ "SystemCallArchitectures=native x86", "only native is supported, not x86" },
	{ "ReadOnlyPaths=etc", "not an absolute path: etc" },
	{ "InaccessiblePaths=/a -+b", "not an absolute path: b" },
	{ "BindPaths=/a:b", "not an absolute path: b" },
	{ "BindReadOnlyPaths=/a:/b:fast", "neither rbind nor norbind: fast" },
	{ "TemporaryFileSystem=tmp:ro", "not an absolute path: tmp" },
	{ "MountFlags=odd", "not shared, slave or private: odd" },
	{ "ProtectSystem=most", "not one of its values: most" },
	{ "ProtectHome=full", "not one of its values: full" },
	{ "ProtectProc=yes", "not one of its values: yes" },
	{ "KeyringMode=yes", "not one of its values: yes" },
	{ "DeviceAllow=null rw", "not a device: null" },
	{ "DeviceAllow=/dev/null rx", "not a device and some of rwm: /dev/null rx" },
	{ "DevicePolicy=open", "not one of its values: open" },
	{ "IPAddressDeny=10.0.0.0/8", "only any is supported, not 10.0.0.0/8" },
	{ "ProtectHostname=perhaps", "neither yes nor no: perhaps" },
};

/* A wish that is not understood must not be left out. */
static void a_bad_value_makes_the_unit_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct unit_set *set = load(wrong[i].line);
		const struct unit *u = tree_unit(set, "x.service");

		if (u->load != LOAD_BAD || !strstr(u->reason, wrong[i].why))
			fail_msg("%s: \"%s\"", wrong[i].line, u->reason);
		unit_set_free(set);
		tree_remove(&t);
	}
}

static void calls_of_other_machines_deny_nothing(void **state)
{
	struct unit_set *set = load("SystemCallFilter=~vm86 chown32");
	const struct unit *u = tree_unit(set, "x.service");

	(void)state;
	assert_int_equal(u->load, LOAD_LOADED);
	unit_set_free(set);
	tree_remove(&t);
	set = load("SystemCallFilter=read fly");
	assert_int_equal(tree_unit(set, "x.service")->load, LOAD_LOADED);
	assert_non_null(tree_message(set, "SystemCallFilter: no call of this machine: fly"));
	unit_set_free(set);
	tree_remove(&t);
}

static void paths_are_kept_with_their_marks(void **state)
{
	struct unit_set *set = load("ReadOnlyPaths=/a \"-/b c\"\nReadOnlyPaths=+-/%p\n"
	                            "ReadWritePaths=/x\nReadWritePaths=\nBindPaths=/a -/b:/c:norbind\n"
	                            "BindReadOnlyPaths=/d\nTemporaryFileSystem=/t:size=1m,ro /u\n"
	                            "ProtectSystem=strict\nProtectHome=tmpfs\nProcSubset=pid\n"
	                            "ProtectProc=ptraceable\nPrivateTmp=on\nMountFlags=slave");
	const struct sandbox *box = box_of(set);

	(void)state;
	assert_int_equal(box->paths[PATHS_READ_ONLY].n, 3);
	assert_string_equal(box->paths[PATHS_READ_ONLY].at[0], "/a");
	assert_string_equal(box->paths[PATHS_READ_ONLY].at[1], "-/b c");
	assert_string_equal(box->paths[PATHS_READ_ONLY].at[2], "-/x");
	assert_int_equal(box->paths[PATHS_READ_WRITE].n, 0);
	assert_int_equal(box->binds_n, 3);
	assert_string_equal(box->binds[0].to, "/a");
	assert_true(box->binds[1].optional && box->binds[1].flat && !box->binds[1].read_only);
	assert_string_equal(box->binds[1].from, "/b");
	assert_string_equal(box->binds[1].to, "/c");
	assert_true(box->binds[2].read_only);
	assert_int_equal(box->tmpfs_n, 2);
	assert_string_equal(box->tmpfs[0].options, "size=1m,ro");
	assert_string_equal(box->tmpfs[1].options, "");
	assert_int_equal(box->system, SYSTEM_STRICT);
	assert_int_equal(box->home, HOME_TMPFS);
	assert_int_equal(box->proc, PROC_PTRACEABLE);
	assert_int_equal(box->proc_subset, PROC_PID);
	assert_true(box->private_tmp && box->private_mounts);
	unit_set_free(set);
	tree_remove(&t);
}

static void who_asks_for_nothing_has_no_sandbox(void **state)
{
	struct unit_set *set = load("UMask=077");

	(void)state;
	assert_null(tree_unit(set, "x.service")->service->exec_config.sandbox);
	unit_set_free(set);
	tree_remove(&t);
}

static void what_is_overridden_is_not_asked_for(void **state)
{
	const struct sandbox *box;
	struct unit_set *set = load("LockPersonality=yes\nRestrictNamespaces=yes\n"
	                            "AmbientCapabilities=CAP_BPF");

	(void)state;
	unit_set_free(set);
	tree_file(&t, ETC "x.service.d/o.conf",
	          "[Service]\nX-Slate-Ignore=RestrictNamespaces ProtectClock\n");
	set = tree_load(&t, "x.service");
	box = tree_unit(set, "x.service")->service->exec_config.sandbox;
	assert_true(box->lock_personality);
	assert_int_equal(box->denied_namespaces, 0);
	assert_non_null(tree_message(set, "runs without RestrictNamespaces, as X-Slate"));
	unit_set_free(set);
	tree_file(&t, ETC "x.service.d/o.conf", "[Service]\nX-Slate-Ignore=all\n");
	set = tree_load(&t, "x.service");
	box = tree_unit(set, "x.service")->service->exec_config.sandbox;
	assert_false(box->lock_personality);
	assert_true(box->ambient == 0);
	unit_set_free(set);
	tree_remove(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capabilities_add_up_line_by_line),
		cmocka_unit_test(secure_bits_are_words),
		cmocka_unit_test(a_bad_value_makes_the_unit_bad),
		cmocka_unit_test(calls_of_other_machines_deny_nothing),
		cmocka_unit_test(paths_are_kept_with_their_marks),
		cmocka_unit_test(who_asks_for_nothing_has_no_sandbox),
		cmocka_unit_test(what_is_overridden_is_not_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
