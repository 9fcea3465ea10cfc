#include "vouch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "signer.h"

enum setting_verify vouch_policy(int setting, bool signs, bool has_keys)
{
	if (setting != VERIFY_UNSET)
		return (enum setting_verify)setting;
	return signs ? VERIFY_REQUIRE : has_keys ? VERIFY_IF_SIGNED : VERIFY_NO;
}

int vouch_running(struct vouch *v, const char *keys, struct err *e)
{
	struct settings s;

	*v = (struct vouch){ .policy = VERIFY_NO, .secrets = keys };
	if (!keys)
		return 0;
	if (settings_running(&s, e) < 0)
		return -1;
	if (trust_read_keys(&v->keys, keys, e) < 0)
		return err_wrap(e, "%s", keys);
	v->policy = vouch_policy(s.verify_saved, s.key[0], v->keys.n > 0);
	return 0;
}

int vouch_slot(const struct vouch *v, const struct slot_record *record, struct err *e)
{
	if (!v || v->policy == VERIFY_NO || (v->policy == VERIFY_IF_SIGNED && !record->is_signed))
		return 0;
	return signer_check(record, v->keys.keys, v->keys.n, e);
}

int vouch_file(const struct vouch *v, int dir, const char *path, int fd, uint64_t length,
               struct err *e)
{
	char beside[TRUST_PATH_MAX];
	int len = snprintf(beside, sizeof beside, "%s" TRUST_SIGNATURE, path);

	if (!v || v->policy == VERIFY_NO)
		return 0;
	if (len < 0 || (size_t)len >= sizeof beside)
		return err_say(e, "its name is too long for a signature beside it");
	if (!trust_is_there(dir, beside))
		return v->policy == VERIFY_IF_SIGNED
		               ? 0
		               : err_say(e, "not signed: there is no %s", beside);
	return trust_check_file(&v->keys, dir, beside, fd, length, e);
}
