/*
 * Both ends of UDP inside a Linux guest, each step begun by the one before it and none by a clock: it answers whoever
 * sends to its port until it is told to go on, then asks its peer, and asks again for as long as no answer comes.
 * Only the first of equal datagrams is printed: which of them are lost, and which come twice, is nobody's claim.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LISTEN_PORT = 5000, PEER_PORT = 7000, AGAIN_MS = 200, LARGEST = 1472 };

static void must(int holds, const char *what)
{
	if (holds)
		return;
	printf("[udp] failed: %s: %m\n", what);
	exit(1);
}

static struct sockaddr_in address(const char *host, int port)
{
	struct sockaddr_in made = { .sin_family = AF_INET, .sin_port = htons(port) };
	must(inet_pton(AF_INET, host, &made.sin_addr) == 1, host);
	return made;
}

/* Of a peer the address is part of what is proved; the port is its own choice. */
static void answer_until_told(int fd)
{
	int heard = 0;
	for (;;) {
		struct pollfd ready[] = { { .fd = fd, .events = POLLIN }, { .fd = 0, .events = POLLIN } };
		must(poll(ready, 2, -1) > 0, "poll");
		if (ready[1].revents != 0)
			return;
		char text[LARGEST + 1], from[INET_ADDRSTRLEN];
		struct sockaddr_in peer;
		socklen_t length = sizeof peer;
		/* What woke us may have been damaged, and then it is not there. */
		ssize_t size = recvfrom(fd, text, LARGEST, MSG_DONTWAIT, (struct sockaddr *)&peer, &length);
		if (size < 0)
			continue;
		text[size] = 0;
		if (heard++ == 0)
			printf("[udp] heard %s from=%s\n", text, inet_ntop(AF_INET, &peer.sin_addr, from, sizeof from));
		char reply[LARGEST];
		int filled = snprintf(reply, sizeof reply, "heard %s", text);
		must(filled < (int)sizeof reply, "a reply that fits");
		sendto(fd, reply, filled, 0, (struct sockaddr *)&peer, length);
	}
}

/* An address that nobody answers for is an error of the socket, and no more than a lost datagram. */
static void ask_until_answered(int fd, const char *question)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	for (;;) {
		char text[LARGEST + 1];
		send(fd, question, strlen(question), 0);
		if (poll(&ready, 1, AGAIN_MS) <= 0)
			continue;
		ssize_t size = recv(fd, text, LARGEST, MSG_DONTWAIT);
		if (size < 0)
			continue;
		text[size] = 0;
		printf("[udp] answer=%s\n", text);
		return;
	}
}

int main(int argc, char **argv)
{
	must(argc == 2, "one argument: the address of the peers");
	setvbuf(stdout, NULL, _IOLBF, 0);
	struct sockaddr_in own = address("0.0.0.0", LISTEN_PORT), peers = address(argv[1], PEER_PORT);
	int server = socket(AF_INET, SOCK_DGRAM, 0), client = socket(AF_INET, SOCK_DGRAM, 0);
	must(server >= 0 && client >= 0, "socket");
	must(bind(server, (struct sockaddr *)&own, sizeof own) == 0, "bind");
	must(connect(client, (struct sockaddr *)&peers, sizeof peers) == 0, "connect");
	printf("[udp] listening port=%d\n", LISTEN_PORT);
	answer_until_told(server);
	ask_until_answered(client, "how deep is the water");
	return 0;
}
