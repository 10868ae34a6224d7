/*
 * What Linux' nearest operations cost, measured as userspace/demos/measure measures ours: from before a message is
 * made to after its answer was checked, the middle of 64 after one that warms up, by the time-stamp counter, which
 * counts instructions where the machine does. It is the machine's only program: what it is given is a bare initramfs.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 64, RING_ENTRIES = 64 };

/* The counter, after all that was before it. */
static inline uint64_t now(void)
{
	uint32_t low, high;
	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static void halt(int status)
{
	printf("[measure] exited status=%d\n", status);
	fflush(stdout);
	reboot(RB_POWER_OFF);
	_exit(status);
}

static void must(int holds, const char *what)
{
	if (holds)
		return;
	printf("[measure] failed: %s: %m\n", what);
	halt(1);
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

static uint64_t overhead;

static uint64_t middle(void (*operation)(void))
{
	uint64_t found[ROUNDS];
	operation();
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t start = now();
		operation();
		found[i] = now() - start;
	}
	qsort(found, ROUNDS, sizeof found[0], by_size);
	return found[ROUNDS / 2];
}

static void empty(void)
{
}

/* Measures an operation that does `count` things at once, and says what one costs. */
static void measure(const char *name, unsigned count, void (*operation)(void))
{
	printf("[measure] %s=%llu\n", name, (unsigned long long)(middle(operation) - overhead) / count);
}

/* As ours: 40,000 instructions in a loop of four. */
static uint64_t yardstick(void)
{
	uint64_t turns = 10000, start = now();
	__asm__ volatile("1: nop; nop; dec %0; jnz 1b" : "+r"(turns));
	return now() - start;
}

/* System calls that do next to nothing. */

static void null_syscall(void)
{
	syscall(SYS_getppid);
}

static int event;

static void eventfd_write_and_read(void)
{
	uint64_t bits = 5, taken = 0;
	must(write(event, &bits, sizeof bits) == sizeof bits, "eventfd write");
	must(read(event, &taken, sizeof taken) == sizeof taken && taken == 5, "eventfd read");
}

static uint32_t word;

static void futex_wake_of_nobody(void)
{
	must(syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0) == 0, "futex wake");
}

/* io_uring. */

static struct {
	int fd;
	uint32_t *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_tail, *cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
} ring;

static int ring_open(void)
{
	struct io_uring_params p = { 0 };
	ring.fd = (int)syscall(SYS_io_uring_setup, RING_ENTRIES, &p);
	if (ring.fd < 0)
		return 0;
	must(p.features & IORING_FEAT_SINGLE_MMAP, "io_uring features");
	size_t sq = p.sq_off.array + p.sq_entries * sizeof(uint32_t);
	size_t cq = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe);
	char *shared = mmap(NULL, sq > cq ? sq : cq, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.fd,
			    IORING_OFF_SQ_RING);
	ring.sqes = mmap(NULL, p.sq_entries * sizeof *ring.sqes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			 ring.fd, IORING_OFF_SQES);
	must(shared != MAP_FAILED && ring.sqes != MAP_FAILED, "io_uring mmap");
	ring.sq_tail = (uint32_t *)(shared + p.sq_off.tail);
	ring.sq_mask = (uint32_t *)(shared + p.sq_off.ring_mask);
	ring.sq_array = (uint32_t *)(shared + p.sq_off.array);
	ring.cq_head = (uint32_t *)(shared + p.cq_off.head);
	ring.cq_tail = (uint32_t *)(shared + p.cq_off.tail);
	ring.cq_mask = (uint32_t *)(shared + p.cq_off.ring_mask);
	ring.cqes = (struct io_uring_cqe *)(shared + p.cq_off.cqes);
	return 1;
}

static void ring_nops(unsigned count)
{
	uint32_t tail = *ring.sq_tail;
	for (unsigned i = 0; i < count; i++, tail++) {
		uint32_t slot = tail & *ring.sq_mask;
		memset(&ring.sqes[slot], 0, sizeof ring.sqes[slot]);
		ring.sqes[slot].opcode = IORING_OP_NOP;
		ring.sqes[slot].user_data = i;
		ring.sq_array[slot] = slot;
	}
	__atomic_store_n(ring.sq_tail, tail, __ATOMIC_RELEASE);
	long taken = syscall(SYS_io_uring_enter, ring.fd, count, count, IORING_ENTER_GETEVENTS, NULL, 0);
	must(taken == (long)count, "io_uring_enter");
	uint32_t head = *ring.cq_head;
	must(__atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE) - head == count, "io_uring completions");
	for (unsigned i = 0; i < count; i++, head++) {
		struct io_uring_cqe *done = &ring.cqes[head & *ring.cq_mask];
		must(done->user_data == i && done->res == 0, "io_uring NOP");
	}
	__atomic_store_n(ring.cq_head, head, __ATOMIC_RELEASE);
}

static void nop(void)
{
	ring_nops(1);
}

static void nop_16(void)
{
	ring_nops(16);
}

static void nop_64(void)
{
	ring_nops(64);
}

/* Round trips to another process, which sends back what it gets. */

static int to_echo[2], from_echo[2], pair[2];

static void round_trip(size_t words)
{
	uint64_t sent[10], got[10];
	size_t length = words * sizeof sent[0];
	for (size_t i = 0; i < words; i++)
		sent[i] = i + 7;
	must(write(to_echo[1], sent, length) == (ssize_t)length, "pipe write");
	must(read(from_echo[0], got, length) == (ssize_t)length, "pipe read");
	must(memcmp(sent, got, length) == 0, "pipe echo");
}

static void pipe_1_word(void)
{
	round_trip(1);
}

static void pipe_10_words(void)
{
	round_trip(10);
}

/* One word and a descriptor, by a socket. Gives the descriptor, or -1. */
static int receive(int from, uint64_t *payload)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec data = { payload, sizeof *payload };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = sizeof control };
	if (recvmsg(from, &message, 0) != sizeof *payload || CMSG_FIRSTHDR(&message) == NULL)
		return -1;
	int fd;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
	return fd;
}

static int send_with(int to, uint64_t payload, int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS } };
	memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
	struct iovec data = { &payload, sizeof payload };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = sizeof control };
	return sendmsg(to, &message, 0) == sizeof payload;
}

static void socket_with_descriptor(void)
{
	uint64_t payload = 0;
	must(send_with(pair[0], 3, event), "sendmsg");
	int back = receive(pair[0], &payload);
	must(back >= 0 && payload == 3, "recvmsg");
	close(back);
}

/* Turns that the other process has had, in memory that both see. */
static volatile uint64_t *turns;

static void there_and_back(void)
{
	uint64_t before = *turns;
	sched_yield();
	must(*turns == before + 1, "sched_yield");
}

static void echo_pipe(void)
{
	char bytes[128];
	for (ssize_t n; (n = read(to_echo[0], bytes, sizeof bytes)) > 0;)
		must(write(from_echo[1], bytes, (size_t)n) == n, "echo");
}

static void echo_socket(void)
{
	uint64_t payload;
	for (int fd; (fd = receive(pair[1], &payload)) >= 0; close(fd))
		must(send_with(pair[1], payload, fd), "echo");
}

static void yield_for_ever(void)
{
	for (;;) {
		++*turns;
		sched_yield();
	}
}

/* Measures while another process does its part. */
static void beside(void (*other)(void), void (*measured)(void))
{
	pid_t child = fork();
	must(child >= 0, "fork");
	if (child == 0) {
		other();
		_exit(0);
	}
	measured();
	kill(child, SIGKILL);
	must(waitpid(child, NULL, 0) == child, "waitpid");
}

static void measure_pipe(void)
{
	measure("pipe-1-word", 1, pipe_1_word);
	measure("pipe-10-words", 1, pipe_10_words);
}

static void measure_socket(void)
{
	measure("socket-with-descriptor", 1, socket_with_descriptor);
}

/* Two switches. Among equals of the real-time class a yield lets the other run; the fair one may stay where it is. */
static void measure_switch(void)
{
	measure("context-switch", 2, there_and_back);
}

static void switch_between_two(void)
{
	struct sched_param priority = { .sched_priority = 1 };
	turns = mmap(NULL, sizeof *turns, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(turns != MAP_FAILED && sched_setscheduler(0, SCHED_FIFO, &priority) == 0, "sched_setscheduler");
	beside(yield_for_ever, measure_switch);
	priority.sched_priority = 0;
	must(sched_setscheduler(0, SCHED_OTHER, &priority) == 0, "sched_setscheduler");
}

/* Processes and memory. */

static void spawn(const char *path)
{
	char *argv[] = { "nothing", NULL }, *environment[] = { NULL };
	pid_t child;
	int status;
	must(posix_spawn(&child, path, NULL, NULL, argv, environment) == 0, "posix_spawn");
	must(waitpid(child, &status, 0) == child && status == 0, "waitpid");
}

/* A program that a C library starts: this one. */
static void spawn_exit_wait(void)
{
	spawn("/init");
}

static void spawn_bare_exit_wait(void)
{
	spawn("/nothing");
}

/* The smallest program there can be: exit(0), at its only page. */
static void write_nothing(void)
{
	static const unsigned char code[] = { 0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05 };
	struct {
		Elf64_Ehdr elf;
		Elf64_Phdr load;
		unsigned char code[sizeof code];
	} image = {
		.elf = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			 .e_type = ET_EXEC, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
			 .e_entry = 0x400000 + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
			 .e_phoff = sizeof(Elf64_Ehdr), .e_ehsize = sizeof(Elf64_Ehdr),
			 .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 1 },
		.load = { .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = 0x400000, .p_align = 0x1000,
			  .p_filesz = sizeof image, .p_memsz = sizeof image },
	};
	memcpy(image.code, code, sizeof code);
	int fd = open("/nothing", O_CREAT | O_WRONLY, 0755);
	must(fd >= 0 && write(fd, &image, sizeof image) == sizeof image && close(fd) == 0, "/nothing");
}

static void page_map_and_unmap(void)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE;
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, flags, -1, 0);
	must(page != MAP_FAILED && munmap(page, 4096) == 0, "mmap");
}

int main(int argc, char **argv)
{
	if (argc == 1 && strcmp(argv[0], "nothing") == 0)
		return 0;
	uint64_t seen = yardstick();
	printf("[measure] unit=%s yardstick=%llu\n", seen >= 40000 && seen < 40020 ? "instructions" : "time",
	       (unsigned long long)seen);
	overhead = middle(empty);
	event = eventfd(0, 0);
	must(event >= 0 && pipe(to_echo) == 0 && pipe(from_echo) == 0, "pipe");
	must(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0, "socketpair");
	measure("null-syscall", 1, null_syscall);
	if (ring_open()) {
		measure("nop", 1, nop);
		measure("nop-16", 16, nop_16);
		measure("nop-64", 64, nop_64);
	}
	measure("eventfd-write-and-read", 1, eventfd_write_and_read);
	measure("futex-wake", 1, futex_wake_of_nobody);
	beside(echo_pipe, measure_pipe);
	beside(echo_socket, measure_socket);
	switch_between_two();
	write_nothing();
	measure("spawn-exit-wait", 1, spawn_exit_wait);
	measure("spawn-bare-exit-wait", 1, spawn_bare_exit_wait);
	measure("page-map-and-unmap", 1, page_map_and_unmap);
	printf("[measure] done\n");
	halt(0);
}
