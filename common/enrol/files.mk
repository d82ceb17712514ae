common_libblesec_a_SOURCES += \
	%D%/enrol-check.c %D%/enrol-check.h \
	%D%/enrol-dir.c %D%/enrol-dir.h \
	%D%/enrol.c %D%/enrol.h
