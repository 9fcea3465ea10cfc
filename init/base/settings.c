#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fd.h"
#include "keytab.h"
#include "paths.h"
#include "watchdog.h"

static const char *const verify_words[] = { "", "no", "if-signed", "require", NULL };
static const char *const toram_words[] = { "", "no", "auto", "lazy", "full", NULL };
static const char *const onyank_words[] = { "", "ignore", "warn", "reboot", "poweroff", NULL };
static const char *const encrypt_words[] = { "", "no", "key", "passphrase", NULL };
static const char *const harden_words[] = { "", "no", "hotplug", "strict", NULL };
static const char *const identity_words[] = { "", "no", "make", "derive", NULL };
static const char *const shell_words[] = { "", "no", "login", "root", NULL };

/* The first row of a member is the name that settings_write uses. */
static const struct key keys[] = {
	KEY_TEXT("root", struct settings, root),
	KEY_TEXT("rootfstype", struct settings, rootfstype),
	KEY_TEXT("rootflags", struct settings, rootflags),
	KEY_TEXT("init", struct settings, init),
	KEY_TEXT("init_args", struct settings, init_args),
	KEY_TEXT("ip", struct settings, ip),
	KEY_TEXT("BOOTIF", struct settings, bootif),
	KEY_TEXT("modules", struct settings, modules),
	KEY_TEXT("blacklist", struct settings, blacklist),
	KEY_FLAG("quiet", struct settings, quiet),
	KEY_FLAG("single", struct settings, single),
	KEY_FLAG("s", struct settings, single),
	KEY_FLAG("1", struct settings, single),
	KEY_UINT("panic", struct settings, panic_s, 0, 86400),
	KEY_UINT("rootwait", struct settings, rootwait_s, 0, 86400),
	KEY_UINT("rootdelay", struct settings, rootwait_s, 0, 86400),
	KEY_UINT("usbdelay", struct settings, rootwait_s, 0, 86400),
	KEY_UINT("waitusb", struct settings, rootwait_s, 0, 86400),
	KEY_TEXT("slate.image", struct settings, image),
	KEY_TEXT("findiso", struct settings, findiso),
	KEY_TEXT("iso-scan/filename", struct settings, findiso),
	KEY_CHOICE("slate.verify", struct settings, verify, verify_words, "require"),
	KEY_CHOICE("toram", struct settings, toram, toram_words, "full"),
	KEY_CHOICE("copytoram", struct settings, toram, toram_words, "full"),
	KEY_CHOICE("copy2ram", struct settings, toram, toram_words, "full"),
	KEY_TEXT_OR("overlay", struct settings, overlay, "tmpfs"),
	KEY_TEXT_OR("overlaytmpfs", struct settings, overlay, "tmpfs"),
	KEY_TEXT("overlayroot", struct settings, overlay),
	KEY_TEXT("overlaytmpfsflags", struct settings, overlay_flags),
	KEY_TEXT("apkovl", struct settings, apkovl),
	KEY_TEXT("slate.save", struct settings, save),
	KEY_TEXT("slate.name", struct settings, name),
	KEY_TEXT("slate.fleet", struct settings, fleet),
	KEY_TEXT("slate.hostname", struct settings, hostname),
	KEY_TEXT_OR("slate.zram", struct settings, zram, "auto"),
	KEY_CHOICE("slate.verify_saved", struct settings, verify_saved, verify_words, "require"),
	KEY_TEXT("slate.key", struct settings, key),
	KEY_CHOICE("slate.encrypt", struct settings, encrypt, encrypt_words, NULL),
	KEY_UINT("slate.generation", struct settings, generation, 1, UINT64_MAX),
	KEY_UINT("slate.older", struct settings, older, 0, 64),
	KEY_FLAG("slate.grow", struct settings, grow),
	KEY_FLAG("norestore", struct settings, norestore),
	KEY_FLAG("nosave", struct settings, nosave),
	KEY_FLAG("failsafe", struct settings, failsafe),
	KEY_CHOICE("slate.onyank", struct settings, onyank, onyank_words, NULL),
	KEY_CHOICE("slate.shell", struct settings, shell, shell_words, NULL),
	KEY_TEXT("break", struct settings, break_stage),
	KEY_TEXT("slate.autologin", struct settings, autologin),
	KEY_CHOICE("slate.harden", struct settings, harden, harden_words, NULL),
	KEY_UINT("slate.watchdog", struct settings, watchdog_s, 0, 600),
	KEY_TEXT("slate.critical", struct settings, critical),
	KEY_CHOICE("slate.identity", struct settings, identity, identity_words, NULL),
	KEY_FLAG("slate.downgrade", struct settings, downgrade),
};

static const size_t n_keys = sizeof keys / sizeof *keys;

/* Of aliases each has its row here. */
static const char *const harmless[] = {
	"slate.hostname", "quiet",     "rootwait", "rootdelay", "usbdelay", "waitusb",
	"toram",          "copytoram", "copy2ram",
};

void settings_default(struct settings *s)
{
	*s = (struct settings){
		.root = "LABEL=SLATE",
		.overlay = "tmpfs",
		.name = "default",
		.rootwait_s = 30,
		.watchdog_s = WATCHDOG_DEFAULT_S,
	};
}

static void tell(const struct settings_warn *warn, const char *text)
{
	if (warn && warn->say)
		warn->say(warn->ctx, text);
}

/* Each lets whoever wrote it in without a password. A medium that nobody has
 * verified does not say them to a machine that wants everything verified. */
static bool opens_door(const struct settings *was, const struct settings *now)
{
	return strcmp(was->init, now->init) != 0 || strcmp(was->init_args, now->init_args) != 0 ||
	       strcmp(was->autologin, now->autologin) != 0 ||
	       strcmp(was->break_stage, now->break_stage) != 0 ||
	       (now->single && !was->single) || (now->failsafe && !was->failsafe);
}

/* Stricter is larger for verify; for shell "no" (1) is the strictest. Where a medium
 * could name the key, it would name one that it has signed itself with. And a policy
 * that is not set yet may come to "require": a medium can only ask for that. */
static bool lowers_protection(const struct settings *was, const struct settings *now)
{
	return now->verify < was->verify || strcmp(was->key, now->key) != 0 ||
	       (now->downgrade && !was->downgrade) ||
	       (was->encrypt > ENCRYPT_NO && now->encrypt != was->encrypt) ||
	       now->verify_saved < was->verify_saved || now->harden < was->harden ||
	       (was->verify_saved == VERIFY_UNSET && now->verify_saved != VERIFY_UNSET &&
	        now->verify_saved != VERIFY_REQUIRE) ||
	       (was->shell != SHELL_UNSET && now->shell > was->shell) ||
	       (was->verify == VERIFY_REQUIRE &&
	        (opens_door(was, now) || was->identity != now->identity));
}

static bool is_fleet(enum settings_source source)
{
	return source == SETTINGS_FLEET_SIGNED || source == SETTINGS_FLEET ||
	       source == SETTINGS_FLEET_FOREIGN;
}

/* Why a source may not say what it says; NULL: it may. */
static const char *refusal(enum settings_source source, struct span name,
                           const struct settings *was, const struct settings *now)
{
	if (source == SETTINGS_FLEET_FOREIGN && !settings_is_harmless(name))
		return "only a signed file may set this on a machine with a key, ignored";
	if (source == SETTINGS_FLEET && lowers_protection(was, now))
		return "an unsigned file can't lower this, ignored";
	if (source == SETTINGS_MEDIUM && lowers_protection(was, now))
		return "a medium can't lower this, ignored";
	return NULL;
}

static int apply_word(struct settings *s, enum settings_source source, struct span word,
                      const struct settings_warn *warn)
{
	struct settings next = *s;
	struct span name, value;
	struct err e = { 0 };

	span_cut(word, '=', &name, &value);
	/* the kernel's way of saying "at once" */
	if (span_is(name, "panic") && value.at && span_starts(value, "-"))
		value = span_of("1");

	int result = keytab_set(keys, n_keys, name, value, &next, &e);
	const char *why = result == 1 ? refusal(source, name, s, &next) : NULL;

	if (result == 0 && (span_starts(name, "slate.") || is_fleet(source)))
		why = "not an option of slate, ignored";
	if (why)
		result = err_say(&e, "%.*s: %s", SPAN_ARGS(name), why);
	if (result < 0) {
		tell(warn, e.text);
		return 1;
	}
	*s = next;
	if (s->failsafe)
		s->norestore = s->nosave = true;
	return 0;
}

/* Takes the next word as the kernel splits them: blanks inside double quotes
 * belong to the word. `buf` gets it without the quotes; one that does not fit
 * comes back cut, which no row accepts silently: it is longer than any value. */
static bool cmdline_word(struct span *text, char *buf, size_t size, struct span *word)
{
	bool quoted = false;
	size_t len = 0, i = 0;

	while (i < text->len && strchr(" \t\n", text->at[i]) && text->at[i])
		i++;
	if (i == text->len)
		return false;
	for (; i < text->len; i++) {
		char c = text->at[i];

		if (c == '"') {
			quoted = !quoted;
			continue;
		}
		if (!quoted && (c == ' ' || c == '\t' || c == '\n'))
			break;
		if (len < size)
			buf[len++] = c;
	}
	*word = (struct span){ buf, len };
	*text = span_from(*text, i);
	return true;
}

static int apply_cmdline(struct settings *s, struct span text, const struct settings_warn *warn)
{
	char buf[2048];
	struct span word;
	int told = 0;

	while (cmdline_word(&text, buf, sizeof buf, &word)) {
		if (span_is(word, "--"))
			break; /* what follows is for init */
		told += apply_word(s, SETTINGS_CMDLINE, word, warn);
	}
	return told;
}

static int apply_lines(struct settings *s, enum settings_source source, struct span text,
                       const struct settings_warn *warn)
{
	struct span line;
	int told = 0;

	while (span_line(&text, &line)) {
		line = span_trim(line);
		if (line.len == 0 || line.at[0] == '#')
			continue;

		struct span name, value;

		span_cut(line, '=', &name, &value);
		name = span_trim(name);
		if (value.at) {
			value = span_trim(value);
			if (value.len >= 2 && value.at[0] == '"' && value.at[value.len - 1] == '"')
				value = (struct span){ value.at + 1, value.len - 2 };
		}

		char word[2048];
		int len = snprintf(word, sizeof word, "%.*s%s%.*s", SPAN_ARGS(name),
		                   value.at ? "=" : "", value.at ? (int)value.len : 0,
		                   value.at ? value.at : "");

		if (len < 0 || (size_t)len >= sizeof word) {
			tell(warn, "a line is longer than any option, ignored");
			told++;
			continue;
		}
		told += apply_word(s, source, (struct span){ word, (size_t)len }, warn);
	}
	return told;
}

int settings_apply(struct settings *s, enum settings_source source, struct span text,
                   const struct settings_warn *warn)
{
	if (source == SETTINGS_CMDLINE)
		return apply_cmdline(s, text, warn);
	return apply_lines(s, source, text, warn);
}

bool settings_is_harmless(struct span name)
{
	for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
		if (span_is(name, harmless[i]))
			return true;
	return false;
}

static bool is_first_of_member(size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (keys[j].offset == keys[i].offset)
			return false;
	return true;
}

static int write_row(const struct key *k, const struct settings *s, char *buf, size_t size)
{
	const char *member = (const char *)s + k->offset;
	uint64_t number;
	int choice;

	switch (k->kind) {
	case KEY_KIND_TEXT:
		return snprintf(buf, size, "%s=%s\n", k->name, member);
	case KEY_KIND_UINT:
		memcpy(&number, member, sizeof number);
		return snprintf(buf, size, "%s=%" PRIu64 "\n", k->name, number);
	case KEY_KIND_FLAG:
		return snprintf(buf, size, "%s=%s\n", k->name, *member ? "yes" : "no");
	case KEY_KIND_CHOICE:
		memcpy(&choice, member, sizeof choice);
		return snprintf(buf, size, "%s=%s\n", k->name, k->choices[choice]);
	case KEY_KIND_NONE:
		break;
	}
	return 0;
}

int settings_write(const struct settings *s, char *buf, size_t size, struct err *e)
{
	struct settings plain;
	size_t used = 0;

	settings_default(&plain);
	buf[0] = '\0';
	for (size_t i = 0; i < n_keys; i++) {
		const char *mine = (const char *)s + keys[i].offset;
		const char *other = (const char *)&plain + keys[i].offset;

		if (!is_first_of_member(i) || (keys[i].kind == KEY_KIND_TEXT
		                                       ? strcmp(mine, other) == 0
		                                       : memcmp(mine, other, keys[i].size) == 0))
			continue;

		int len = write_row(&keys[i], s, buf + used, size - used);

		if (len < 0 || (size_t)len >= size - used)
			return err_say(e, "settings: more than %zu bytes", size);
		used += (size_t)len;
	}
	return 0;
}

int settings_running(struct settings *s, struct err *e)
{
	char text[8192];
	ssize_t len = fd_read_file(AT_FDCWD, PATH_SETTINGS, text, sizeof text, e);

	settings_default(s);
	if (len > 0)
		settings_apply(s, SETTINGS_IMAGE, (struct span){ text, (size_t)len }, NULL);
	return len < 0 && e->code != ENOENT ? -1 : 0;
}

const char *settings_key(size_t i)
{
	return i < n_keys ? keys[i].name : NULL;
}
