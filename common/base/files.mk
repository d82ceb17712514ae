common_libblesec_a_SOURCES += \
	%D%/bytes.h \
	%D%/diag.c %D%/diag.h \
	%D%/dir-watch.c %D%/dir-watch.h \
	%D%/hex.c %D%/hex.h \
	%D%/input.c %D%/input.h \
	%D%/limits.h \
	%D%/lock-file.c %D%/lock-file.h \
	%D%/loop.c %D%/loop.h \
	%D%/output.c %D%/output.h \
	%D%/read-file.c %D%/read-file.h \
	%D%/reason.c %D%/reason.h \
	%D%/role.h \
	%D%/secret.c %D%/secret.h \
	%D%/watch.c %D%/watch.h
