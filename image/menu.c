#include "menu.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the menu offers, the first by itself. The numbers of saved generations are
 * not known when a medium is made, so older ones are counted from the newest. */
static const struct {
	const char *title, *words;
	bool saved;             /* only where something can be */
} entries[] = {
	{ "", "", false },
	{ ", as saved the time before", " slate.older=1", true },
	{ ", as saved two times before", " slate.older=2", true },
	{ ", nothing restored", " norestore", false },
	{ ", failsafe: nothing restored, nothing saved, a shell", " failsafe", false },
};

struct text {
	char *at;
	size_t size, len;
};

static void add(struct text *t, const char *fmt, ...) ERR_PRINTF(2, 3);

static void add(struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int len = vsnprintf(t->at + t->len, t->size - t->len, fmt, ap);
	va_end(ap);
	t->len += (size_t)len;
	if (t->len >= t->size)
		t->len = t->size - 1;
}

/* GRUB takes nothing inside '' for its own; it quotes words with blanks again for
 * the kernel, so the quotes that stood around them are left out. */
static void add_words(struct text *t, const char *words)
{
	bool quoted = false, inside = false;

	for (const char *c = words; *c; c++) {
		bool blank = !quoted && isspace((unsigned char)*c);

		if (!blank && !inside)
			add(t, " '");
		if (blank && inside)
			add(t, "'");
		inside = !blank;
		if (*c == '"')
			quoted = !quoted;
		else if (!blank)
			add(t, *c == '\'' ? "'\\''" : "%c", *c);
	}
	if (inside)
		add(t, "'");
}

/* console=ttySN[,SPEED]: the menu is shown there too. On UEFI the firmware's own
 * console reaches the serial port where it is meant to. */
static void add_serial(struct text *t, const char *cmdline)
{
	const char *found = strstr(cmdline, "console=ttyS");

	if (!found)
		return;

	char *end;
	unsigned long unit = strtoul(found + strlen("console=ttyS"), &end, 10);
	unsigned long speed = *end == ',' ? strtoul(end + 1, NULL, 10) : 0;

	add(t,
	    "if [ \"$grub_platform\" = pc ]; then\n"
	    "\tserial --unit=%lu --speed=%lu\n"
	    "\tterminal_input console serial\n"
	    "\tterminal_output console serial\n"
	    "fi\n",
	    unit, speed ? speed : 9600);
}

/* With superusers, none of whom there is, nobody edits an entry or gets GRUB's own
 * prompt; an entry needs the word to be started all the same. */
static void add_lock(struct text *t)
{
	add(t, "set superusers=\"\"\nexport superusers\n");
}

/* Below that the kernel dies without a word of slate's, and GRUB says "out of memory". So the
 * first line of the menu is a note; the machine is started all the same, as firmware can be
 * wrong. The table of the firmware's (SMBIOS, type 19) says where memory ends, in KiB. */
static void add_memory(struct text *t, const struct plan *p)
{
	if (!p->memory_mib)
		return;
	add(t,
	    "smbios --type 19 --get-dword 8 --set=memory_end\n"
	    "if [ -n \"$memory_end\" ]; then if [ \"$memory_end\" -gt 16383 -a \"$memory_end\" -lt %u ]; then\n"
	    "\tset timeout=30\n\tset default=1\n"
	    "\tmenuentry 'TOO LITTLE MEMORY: %s needs %u MiB to start. Add some.' --unrestricted {\n"
	    "\t\techo 'This is a note. Switch the machine off and give it more memory.'\n"
	    "\t\tsleep 5\n\t}\n"
	    "fi; fi\n",
	    p->memory_mib * 1024 - 1, p->label, p->memory_mib);
}

int menu_write(char *text, size_t size, const struct plan *p, bool inside_file, struct err *e)
{
	struct text t = { text, size, 0 };
	char cmdline[PLAN_CMDLINE_MAX];
	bool locked = p->sign[0] != '\0';

	plan_cmdline(p, cmdline);
	add(&t, "set timeout=3\nset default=0\n");
	if (locked)
		add_lock(&t);
	add_serial(&t, cmdline);
	if (!inside_file) /* another's GRUB, which may know of no such command */
		add_memory(&t, p);
	for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
		if (entries[i].saved && p->type == PLAN_ISO)
			continue;
		add(&t, "menuentry '%s%s'%s {\n\tlinux /boot/vmlinuz", p->label, entries[i].title,
		    locked ? " --unrestricted" : "");
		add_words(&t, cmdline);
		add(&t, "%s%s\n\tinitrd /boot/initramfs.img\n}\n", entries[i].words,
		    inside_file ? " \"findiso=${iso_path}\"" : "");
	}
	return t.len + 1 < size ? 0 : err_say(e, "--cmdline is too long for a menu");
}
