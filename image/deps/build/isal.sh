# source: libisal
# needs:
# files:
# Deflate alone, in C alone: the functions that its assembler has for each kind of
# processor are a part faster, want nasm, and give other bytes on another machine.
part() { for name in $2; do echo "$1/$name.c"; done; }
compile -O2 -Iinclude -Iigzip -Icrc \
	$(part igzip 'igzip igzip_base igzip_base_aliases igzip_icf_base igzip_icf_body igzip_inflate
		huff_codes hufftables_c flatten_ll encode_df proc_heap_base adler32_base') \
	$(part crc 'crc_base crc_base_aliases crc64_base')
archive libisal.a
mkdir -p "$OUT/include/isa-l"
cp include/*.h "$OUT/include/isa-l/"
