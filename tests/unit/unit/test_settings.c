/* What one file's lines become, and the table that says so. */
#include "tree.h"

#include <signal.h>
#include <sys/resource.h>

#include "../../../init/unit/directive.h"

static void every_row_says_what_it_does(void **state)
{
	const struct directive *row;
	unsigned n = 0;

	(void)state;
	for (; (row = directive_row(n)); n++) {
		assert_non_null(row->name);
		if (row->kind == DIRECTIVE_NONE || !row->sections)
			fail_msg("%s has no kind or section", row->name);
		if ((row->kind == HONOURED) != (row->parse != NULL))
			fail_msg("%s: parser and kind do not go together", row->name);
		if (row->base != BASE_NONE && row->size == 0)
			fail_msg("%s: fills nothing", row->name);
		if (row->neutral && row->kind != PROTECTIVE && row->kind != UNSUPPORTED)
			fail_msg("%s: neutral values without need", row->name);
	}
	assert_in_range(n, 480, 1023);
}

static void no_name_stands_twice_in_a_section(void **state)
{
	const struct directive *one, *two;

	(void)state;
	for (unsigned i = 0; (one = directive_row(i)); i++)
		for (unsigned k = i + 1; (two = directive_row(k)); k++)
			if (strcmp(one->name, two->name) == 0 && (one->sections & two->sections))
				fail_msg("%s twice", one->name);
}

static void every_row_is_found(void **state)
{
	static struct directive_index x;
	const struct directive *row;

	(void)state;
	directive_index_fill(&x);
	for (unsigned i = 0; (row = directive_row(i)); i++)
		for (unsigned bit = 1; bit <= IN_DEVICE; bit <<= 1)
			if (row->sections & bit) {
				int found = directive_find(&x, span_of(row->name), bit);

				assert_true(found >= 0);
				assert_string_equal(directive_row((unsigned)found)->name, row->name);
			}
	assert_int_equal(directive_find(&x, span_of("ExecStart"), IN_UNIT), -1);
	assert_int_equal(directive_find(&x, span_of("Nonsense"), IN_SERVICE), -1);
}

/* Loads x.service with `lines` in [Service] besides an ExecStart=. */
static struct unit_set *load_lines(struct tree *t, const char *lines)
{
	char text[4096];

	snprintf(text, sizeof text, "[Service]\nExecStart=/bin/x\n%s\n", lines);
	tree_make(t);
	tree_base(t);
	tree_file(t, LIB "x.service", text);
	return tree_load(t, "x.service");
}

static void drop(struct tree *t, struct unit_set *set)
{
	unit_set_free(set);
	tree_remove(t);
}

static const struct service_config *service_of(const struct unit_set *set)
{
	const struct unit *u = tree_unit(set, "x.service");

	if (u->load != LOAD_LOADED)
		fail_msg("%s", u->reason);
	return u->service;
}

static void what_is_not_said_has_its_default(void **state)
{
	struct tree t;
	struct unit_set *set = load_lines(&t, "");
	const struct service_config *c = service_of(set);

	(void)state;
	assert_int_equal(c->type, SERVICE_SIMPLE);
	assert_int_equal(c->restart_us, 100000);
	assert_int_equal(c->timeout_start_us, 90000000);
	assert_int_equal(c->timeout_abort_us, 90000000);
	assert_int_equal(c->notify_access, NOTIFY_NONE);
	assert_int_equal(c->exec_config.umask, 0022);
	assert_int_equal(c->exec_config.kill.signal, SIGTERM);
	assert_true(c->exec_config.kill.send_sigkill && c->exec_config.ignore_sigpipe);
	assert_null(c->exec_config.user);
	assert_int_equal(set->messages_n, 0);
	drop(&t, set);
}

static void an_empty_value_restores_the_default(void **state)
{
	struct tree t;
	struct unit_set *set = load_lines(&t,
		"RestartSec=5\nRestartSec=\nUser=x\nUser=\nEnvironment=A=1\nEnvironment=\n"
		"Environment=B=2\nLimitNOFILE=5\nLimitNOFILE=\nEnvironmentFile=/a\nEnvironmentFile=\n"
		"ExecStart=\nExecStart=/bin/y\nNice=3\nNice=");
	const struct service_config *c = service_of(set);

	(void)state;
	assert_int_equal(c->restart_us, 100000);
	assert_null(c->exec_config.user);
	assert_int_equal(c->exec_config.environment.n, 1);
	assert_string_equal(c->exec_config.environment.at[0], "B=2");
	assert_null(c->exec_config.environment.at[1]);
	assert_int_equal(c->exec_config.limits_n, 0);
	assert_int_equal(c->exec_config.env_files_n, 0);
	assert_int_equal(c->exec[PHASE_START].n, 1);
	assert_string_equal(c->exec[PHASE_START].at[0].path, "/bin/y");
	assert_false(c->exec_config.nice_set);
	drop(&t, set);
}

static void settings_fill_the_service(void **state)
{
	struct tree t;
	struct unit_set *set = load_lines(&t,
		"Type=notify\nRestart=on-failure\nRestartSec=1min\nTimeoutSec=0\nWatchdogSec=30\n"
		"SuccessExitStatus=143 TEMPFAIL SIGUSR1\nKillMode=mixed\nKillSignal=INT\n"
		"User=www\nGroup=www\nSupplementaryGroups=tty audio\nWorkingDirectory=-~\nUMask=0077\n"
		"RuntimeDirectory=a b/c\nRuntimeDirectoryMode=0700\nLimitNOFILE=1024:infinity\n"
		"LimitCORE=1G\nStandardOutput=append:/var/log/x\nStandardError=inherit\nTTYPath=/dev/tty1\n"
		"Environment=\"A=1 2\" B=%p\nEnvironmentFile=-/etc/default/%p\nOOMScoreAdjust=-500\n"
		"Nice=-5\nCPUAffinity=0 2-3\nTasksMax=50%\nMemoryMax=1G\nCPUQuota=20%\nNoNewPrivileges=yes\n"
		"PIDFile=x.pid\nIOSchedulingClass=idle\nStartLimitInterval=30\nNotifyAccess=all");
	const struct service_config *c = service_of(set);
	const struct exec_config *x = &c->exec_config;

	(void)state;
	assert_int_equal(set->messages_n, 0);
	assert_int_equal(c->type, SERVICE_NOTIFY);
	assert_int_equal(c->restart, RESTART_ON_FAILURE);
	assert_int_equal(c->restart_us, 60000000);
	assert_true(c->timeout_start_us == UNIT_FOREVER && c->timeout_stop_us == UNIT_FOREVER);
	assert_int_equal(c->watchdog_us, 30000000);
	assert_true(exit_set_has_status(&c->success, 143) && exit_set_has_status(&c->success, 75));
	assert_false(exit_set_has_status(&c->success, 1));
	assert_true(exit_set_has_signal(&c->success, SIGUSR1));
	assert_int_equal(x->kill.mode, KILL_MIXED);
	assert_int_equal(x->kill.signal, SIGINT);
	assert_string_equal(x->user, "www");
	assert_int_equal(x->supplementary.n, 2);
	assert_string_equal(x->working_directory, "~");
	assert_true(x->working_directory_optional);
	assert_int_equal(x->umask, 0077);
	assert_int_equal(x->dirs[DIR_RUNTIME].names.n, 2);
	assert_int_equal(x->dirs[DIR_RUNTIME].mode, 0700);
	assert_int_equal(x->limits_n, 2);
	assert_int_equal(x->limits[0].resource, RLIMIT_NOFILE);
	assert_true(x->limits[0].soft == 1024 && x->limits[0].hard == UNIT_FOREVER);
	assert_int_equal(x->output.kind, STREAM_APPEND);
	assert_string_equal(x->output.path, "/var/log/x");
	assert_int_equal(x->error.kind, STREAM_INHERIT);
	assert_string_equal(x->environment.at[0], "A=1 2");
	assert_string_equal(x->environment.at[1], "B=x");
	assert_true(x->env_files[0].optional);
	assert_string_equal(x->env_files[0].path, "/etc/default/x");
	assert_true(x->oom_score_adjust_set && x->oom_score_adjust == -500);
	assert_int_equal(x->cpus->bits[0], 0xd);
	assert_int_equal(x->cgroup.tasks_max.kind, AMOUNT_SHARE);
	assert_int_equal(x->cgroup.cpu_quota_us, 200000);
	assert_true(x->no_new_privileges);
	assert_string_equal(c->pid_file, "/run/x.pid");
	assert_int_equal(x->io_class, IOCLASS_IDLE);
	assert_int_equal(tree_unit(set, "x.service")->start_limit_interval_us, 30000000);
	assert_int_equal(c->notify_access, NOTIFY_ALL);
	drop(&t, set);
}

static void labels_are_a_name_or_nothing(void **state)
{
	struct tree t;
	struct unit_set *set = load_lines(&t, "AppArmorProfile=first\nAppArmorProfile=-%p-tool\n"
	                                      "SELinuxContext=a:b:c:s0\nSELinuxContext=");
	const struct exec_config *x = &service_of(set)->exec_config;

	(void)state;
	assert_string_equal(x->apparmor.text, "x-tool");
	assert_true(x->apparmor.optional);
	assert_null(x->selinux.text);
	drop(&t, set);
	set = load_lines(&t, "AppArmorProfile=-");
	assert_int_equal(tree_unit(set, "x.service")->load, LOAD_BAD);
	drop(&t, set);
}

static void a_refused_line_leaves_the_list_as_it_was(void **state)
{
	struct tree t;
	struct unit_set *set = load_lines(&t, "RuntimeDirectory=a\nRuntimeDirectory=b c ../d\n"
	                                      "RuntimeDirectory=/abs \"open");
	const struct text_list *names = &service_of(set)->exec_config.dirs[DIR_RUNTIME].names;

	(void)state;
	assert_int_equal(names->n, 1);
	assert_string_equal(names->at[0], "a");
	assert_null(names->at[1]);
	drop(&t, set);
}

static const struct {
	const char *line, *path, *argv; /* argv joined by |; path NULL: the unit is bad */
	unsigned flags, commands;
} commands[] = {
	{ "/bin/a b \"c d\" 'e'", "/bin/a", "/bin/a|b|c d|e", 0, 1 },
	{ "-/bin/a", "/bin/a", "/bin/a", EXEC_IGNORE_FAILURE, 1 },
	{ "@/bin/a name x", "/bin/a", "name|x", EXEC_ARGV0, 1 },
	{ "-@/bin/a n", "/bin/a", "n", EXEC_IGNORE_FAILURE | EXEC_ARGV0, 1 },
	{ "+:!/bin/a", "/bin/a", "/bin/a", EXEC_FULL_PRIVILEGES | EXEC_NO_EXPAND | EXEC_NO_SETUID, 1 },
	{ "!!/bin/a", "/bin/a", "/bin/a", EXEC_NO_SETUID, 1 },
	{ "/bin/a $X ${Y} %p %%", "/bin/a", "/bin/a|$X|${Y}|x|%", 0, 1 },
	{ "/bin/a ; -/bin/b c", "/bin/a", "/bin/a", 0, 2 },
	{ "/bin/a \\; b;c", "/bin/a", "/bin/a|;|b;c", 0, 1 },
	{ "echo x", "echo", "echo|x", 0, 1 },
	{ "/bin/sh -c 'a; b \"$1\"'", "/bin/sh", "/bin/sh|-c|a; b \"$1\"", 0, 1 },
	{ "/bin/a\t\"\"", "/bin/a", "/bin/a|", 0, 1 },
	{ "bin/a", NULL, NULL, 0, 0 },
	{ "/bin/a/", NULL, NULL, 0, 0 },
	{ "/bin/a \"b", NULL, NULL, 0, 0 },
	{ "@/bin/a", NULL, NULL, 0, 0 },
	{ "-", NULL, NULL, 0, 0 },
};

static void command_lines_are_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		char lines[256], joined[256] = "";
		struct tree t;
		struct unit_set *set;
		const struct unit *u;

		snprintf(lines, sizeof lines, "Type=oneshot\nExecStart=\nExecStart=%s", commands[i].line);
		set = load_lines(&t, lines);
		u = tree_unit(set, "x.service");
		if ((u->load == LOAD_BAD) != (commands[i].path == NULL))
			fail_msg("%s: %s", commands[i].line, u->reason);
		if (u->load == LOAD_LOADED) {
			const struct exec_list *list = &u->service->exec[PHASE_START];

			assert_int_equal(list->n, commands[i].commands);
			assert_string_equal(list->at[0].path, commands[i].path);
			assert_int_equal(list->at[0].flags, commands[i].flags);
			for (unsigned k = 0; k < list->at[0].argc; k++) {
				strcat(joined, k ? "|" : "");
				strcat(joined, list->at[0].argv[k]);
			}
			assert_string_equal(joined, commands[i].argv);
			assert_null(list->at[0].argv[list->at[0].argc]);
		}
		drop(&t, set);
	}
}

static const struct {
	const char *lines, *message, *reason; /* NULL: none */
} verdicts[] = {
	{ "Frobnicate=1", "x.service:3: Frobnicate= is unknown in [Service]", NULL },
	{ "X-Mine=1\n[X-Other]\nA=1", NULL, NULL },
	{ "[Nonsense]\nA=1\nB=2", "section [Nonsense] is unknown in a service unit", NULL },
	{ "RestartSec=soon", "x.service:3: RestartSec=: not a time span: soon", NULL },
	{ "CoredumpFilter=all", "CoredumpFilter= is not supported", NULL },
	{ "SyslogFacility=daemon", NULL, NULL },
	{ "PrivateTmp=no\nProtectSystem=false\nMountFlags=shared\nSystemCallFilter=", NULL, NULL },
	{ "PrivateBPF=yes\nPrivateBPF=no", NULL, NULL },
	{ "LoadCredential=a\nLoadCredential=b:c", NULL, NULL },
	{ "LoadCredential=a:/etc/a", NULL,
	  "it asks for protection that is not available: LoadCredential" },
	{ "PrivateTmp=yes\nProtectHome=read-only", NULL, NULL },
	{ "PrivatePIDs=yes", NULL, NULL },
	{ "PrivatePIDs=yes\nType=forking", NULL,
	  "it has Type=forking, whose main process is none that PrivatePIDs= starts" },
	{ "PrivateBPF=yes\nDynamicUser=yes", NULL,
	  "it asks for protection that is not available: DynamicUser, PrivateBPF" },
	{ "X-Slate-Ignore=PrivateBPF\nPrivateBPF=yes", "counts only in a drop-in",
	  "it asks for protection that is not available: PrivateBPF" },
	{ "UMask=999", NULL, "line 3 of /usr/lib/systemd/system/x.service: UMask=: not an octal mode: 999" },
	{ "User=a:b", NULL,
	  "line 3 of /usr/lib/systemd/system/x.service: User=: not the name of an account: a:b" },
	{ "Type=odd", NULL,
	  "line 3 of /usr/lib/systemd/system/x.service: Type=: not one of its values: odd" },
	{ "ExecStart=/bin/y", NULL, "it has more than one ExecStart=, which only Type=oneshot may have" },
	{ "ExecStart=", NULL, "it has neither ExecStart= nor ExecStop=" },
	{ "Type=dbus", NULL, "it has Type=dbus without BusName=" },
	{ "Type=oneshot\nRestart=always", NULL,
	  "it has Type=oneshot and would restart after success for ever" },
	{ "nonsense", "x.service:3: syntax error", NULL },
	{ "RuntimeDirectory=../etc", "RuntimeDirectory=: not a relative path without ..", NULL },
	{ "Environment=1=2 A=3", "Environment: left out: 1=2", NULL },
};

static void every_line_has_a_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
		struct tree t;
		struct unit_set *set = load_lines(&t, verdicts[i].lines);
		const struct unit *u = tree_unit(set, "x.service");

		if (verdicts[i].message && !tree_message(set, verdicts[i].message))
			fail_msg("%s: no such message: %s", verdicts[i].lines, verdicts[i].message);
		if (!verdicts[i].message && !verdicts[i].reason && set->messages_n)
			fail_msg("%s: %s", verdicts[i].lines, set->messages[0].text);
		assert_string_equal(u->reason, verdicts[i].reason ? verdicts[i].reason : "");
		assert_int_equal(u->load, verdicts[i].reason ? LOAD_BAD : LOAD_LOADED);
		assert_true((u->service != NULL) == (u->load == LOAD_LOADED));
		drop(&t, set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_says_what_it_does),
		cmocka_unit_test(no_name_stands_twice_in_a_section),
		cmocka_unit_test(every_row_is_found),
		cmocka_unit_test(what_is_not_said_has_its_default),
		cmocka_unit_test(an_empty_value_restores_the_default),
		cmocka_unit_test(settings_fill_the_service),
		cmocka_unit_test(labels_are_a_name_or_nothing),
		cmocka_unit_test(a_refused_line_leaves_the_list_as_it_was),
		cmocka_unit_test(command_lines_are_split),
		cmocka_unit_test(every_line_has_a_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
