common_libblesec_a_SOURCES += \
	%D%/agent.c %D%/agent.h \
	%D%/oob-mgmt.c %D%/oob-mgmt.h \
	%D%/oob-qr.c %D%/oob-qr.h \
	%D%/oob.c %D%/oob.h \
	%D%/pair-adapter.c %D%/pair-adapter.h \
	%D%/pair-exchange.c %D%/pair-exchange.h \
	%D%/pairing-event.c %D%/pairing-event.h \
	%D%/pairing-outcome.c %D%/pairing-outcome.h \
	%D%/pairing.c %D%/pairing.h \
	%D%/smp-method.c %D%/smp-method.h
