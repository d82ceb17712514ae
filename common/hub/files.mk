common_libblesec_a_SOURCES += \
	%D%/carry-command.c \
	%D%/carry-explore.c \
	%D%/carry-gateway.c \
	%D%/carry-gatt.c \
	%D%/carry-lines.c \
	%D%/carry-nothing.c \
	%D%/carry.h \
	%D%/endpoint-identity.c \
	%D%/endpoint.c %D%/endpoint.h \
	%D%/hub-pairing.c \
	%D%/hub-part.h \
	%D%/hub-peer.c \
	%D%/hub-worker.c \
	%D%/hub.c %D%/hub.h \
	%D%/version.c %D%/version.h
