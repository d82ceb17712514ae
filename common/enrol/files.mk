common_libblesec_a_SOURCES += \
	%D%/enrol-check.c \
	%D%/enrol-dir.c %D%/enrol-dir.h \
	%D%/enrol-file.c \
	%D%/enrol-request.c \
	%D%/enrol.c %D%/enrol.h
