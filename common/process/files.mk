common_libblesec_a_SOURCES += \
	%D%/child.c %D%/child.h \
	%D%/command.c %D%/command.h \
	%D%/message.c %D%/message.h \
	%D%/privilege.c %D%/privilege.h \
	%D%/sandbox.c %D%/sandbox.h \
	%D%/worker.c %D%/worker.h
