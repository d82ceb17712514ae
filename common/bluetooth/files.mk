common_libblesec_a_SOURCES += \
	%D%/adapter.c %D%/adapter.h \
	%D%/advert.c %D%/advert.h \
	%D%/bond.c %D%/bond.h \
	%D%/dial.c %D%/dial.h \
	%D%/link.c %D%/link.h \
	%D%/listener.c %D%/listener.h \
	%D%/mgmt.c %D%/mgmt.h
