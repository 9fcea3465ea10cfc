#ifndef TRUST_SIGNED_H
#define TRUST_SIGNED_H

/* A manifest, two public keys, and signatures of the manifest: by Debian's minisign
 * 0.11, prehashed ("ED"), in the older form ("Ed", minisign -l), and by the other key. */
static const char manifest[] =
	"slate-manifest=1\n"
	"name=kiosk\n"
	"version=41\n"
	"image=root.squashfs\n"
	"fstype=squashfs\n"
	"size=712704\n"
	"data-size=700416\n"
	"data-block=4096\n"
	"hash-block=4096\n"
	"hash-offset=700416\n"
	"hash=sha256\n"
	"salt=c8ab5f622372ff645097f26378ae74d17484c8673fff896e4c861b31de821158\n"
	"root-hash=e949eae6e816b627bca12bed0a681608cc1c6d6839031e713d48ad74176d22"
	"4d\n";

static const char key[] =
	"untrusted comment: minisign public key A3B3D9958FA8F19F\n"
	"RWSf8aiPldmzo5mMWyobNLIFFRCYN4K9SNjavFs6LBlLCTaDX7Zn1BYZ\n";

static const char other_key[] =
	"untrusted comment: minisign public key 7AF00C9343B66F48\n"
	"RWRIb7ZDkwzwems6ZLZ0kF4Ihc+zSIT/ZEvkuk/ZFVY1oU1Dd0Xbt+Jr\n";

static const char signature[] =
	"untrusted comment: signature from minisign secret key\n"
	"RUSf8aiPldmzo5BiYnl/3/CDwJXZ/Am3gk5+Jd3NsE4lsKrPeYlDsopLKsUvmqnqDFmlJtSc"
	"nn82JG+NifJ8DqfBX0sGbbcjegI=\n"
	"trusted comment: slate image kiosk version 41: root.squashfs\n"
	"7U5STEn/p/WE7ldlKu5FPkH6Qr1FDRxbjHzF3wm3LSnwapLwZQwjlVEuB2nhU1wXipGE9mvt"
	"5stZJ7rrbXfpAA==\n";

static const char legacy[] =
	"untrusted comment: signature from minisign secret key\n"
	"RWSf8aiPldmzo5EK93HIbkB2Ug3tozFBERxhXeabS/OWF57TzmjeLOYPNVkFZYbEhtKEEAQA"
	"9R8Vr0svv4GnNbrCsMWbZo/DbQc=\n"
	"trusted comment: legacy\n"
	"mVWmCsvBa8zHnUeyHPNKsSboYfu5aAqp13Irb/HzR1QuCjRVeWeYiVfrWx2R/IyHOzCa92hj"
	"iB/ThfQKB5wMBQ==\n";

static const char by_other[] =
	"untrusted comment: signature from minisign secret key\n"
	"RURIb7ZDkwzwelhSpcuDUeDQOwPEpGtUAyZU6fK0dIPQfMtetodXaCYf1rYhHawMPB6rMpSD"
	"1856+iQ9XNdjAQ2ecG1dJMkijAo=\n"
	"trusted comment: other\n"
	"RFFSETR8KeaUeOJNygJ+4dReGpkJYGz5QLI6NI2kmw0XSBpX+MMZ1EweOi2U2MCVVGtOm/CG"
	"rECVLjD6l6qsDg==\n";

#endif
