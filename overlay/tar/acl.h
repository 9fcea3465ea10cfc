/* acl: POSIX ACLs between the kernel's bytes and the text that archives hold.
 *
 * The bytes are the value of system.posix_acl_access and _default: version 2,
 * then tag, permissions and id of each entry (linux/posix_acl_xattr.h). The text
 * is that of pax's SCHILY.acl.*: "user::rw-,user:1000:r--,mask::r--,other::---",
 * with numeric ids only. Foreign text may have a numeric fourth field, star's
 * way, which then counts instead of the name.  */
#ifndef TAR_ACL_H
#define TAR_ACL_H

#include <stddef.h>
#include <stdint.h>

#include "../../init/base/err.h"
#include "../../init/base/span.h"

enum { ACL_ENTRIES_MAX = 256, ACL_BYTES_MAX = 4 + 8 * ACL_ENTRIES_MAX, ACL_TEXT_MAX = 8192 };

#define ACL_ACCESS  "system.posix_acl_access"
#define ACL_DEFAULT "system.posix_acl_default"

/* Returns the length of the text, terminated, or -1 with *e. */
int acl_to_text(const uint8_t *bytes, size_t len, char text[ACL_TEXT_MAX], struct err *e);

/* Returns the number of bytes, or -1 with *e. */
int acl_from_text(struct span text, uint8_t bytes[ACL_BYTES_MAX], struct err *e);

#endif
