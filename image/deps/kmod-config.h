/* What kmod's meson build would find on musl with gcc. */
#define PACKAGE "kmod"
#define VERSION "34"
#define KMOD_FEATURES ""
#define SYSCONFDIR "/etc"
#define DISTCONFDIR "/usr/lib"
#define MODULE_DIRECTORY "/lib/modules"
#define ENABLE_LOGGING 1
#define ENABLE_DEBUG 0
#define ENABLE_ELFDBG 0
#define ENABLE_XZ 1
#define ENABLE_XZ_DLOPEN 0
#define ENABLE_ZLIB 1
#define ENABLE_ZLIB_DLOPEN 0
#define ENABLE_ZSTD 1
#define ENABLE_ZSTD_DLOPEN 0
#define ENABLE_OPENSSL 0
#define _GNU_SOURCE 1
#define HAVE_DECL_BASENAME 0
#define HAVE_SECURE_GETENV 1
#define HAVE_STATIC_ASSERT 1
#define HAVE_NORETURN 1
#define HAVE_STRUCT_STAT_ST_MTIM 1
#define HAVE___BUILTIN_UADD_OVERFLOW 1
#define HAVE___BUILTIN_UADDL_OVERFLOW 1
#define HAVE___BUILTIN_UADDLL_OVERFLOW 1
#define HAVE___BUILTIN_UMUL_OVERFLOW 1
#define HAVE___BUILTIN_UMULL_OVERFLOW 1

/* modprobe.d's "install" lines run a shell command instead of loading a module.
 * A program of slate has no shell to run by accident: such a line is an error. */
#include <errno.h>
#include <stdlib.h>
#define system(command) ((void)(command), errno = ENOTSUP, -1)
