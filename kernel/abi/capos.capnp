@0xb1d45f7ac3e09d21;
# The one schema of capos: what the kernel, the user programs and the host tool say to each other.
#
# Rules that hold for every message here (see docs/abi.md):
#  * one segment, no framing: word 0 is the root pointer; at most 64 KiB; nesting at most 16;
#  * a capability field is a Cap'n Proto capability pointer whose index counts the transfer list
#    of the ring entry that carries the message;
#  * what a caller must expect in ordinary use is a case of a result union, never an exception.

# ---------------------------------------------------------------------------------------------
# Boot

struct BootManifest @0xd2a90b6c15f7e301 {
  # First part of the boot module. The kernel reads schemaVersion, binaries, init and devices;
  # init reads the services. The system digest is computed over the bytes of this message.
  schemaVersion @0 :UInt32;          # 1
  image @1 :Text;                    # name of the image, for people
  binaries @2 :List(Binary);
  init @3 :Init;
  services @4 :List(Service);        # in start order
}

struct Binary @0xa6f1c20e7b94d512 {
  name @0 :Text;                     # unique; [a-z0-9-]{1,32}
  offset @1 :UInt64;                 # from the start of the boot module; a multiple of 4096
  length @2 :UInt64;                 # bytes of the ELF
  sha256 @3 :Data;                   # 32 bytes, checked once at boot
}

struct Init @0x9c3be4d07f5a2186 {
  binary @0 :UInt16;                 # index into binaries
  grants @1 :List(KernelGrant);
}

struct KernelGrant @0xf0837c9be1d2a455 {
  # A capability that the kernel makes from nothing and gives to init.
  name @0 :Text;                     # unique within init; [a-z0-9-.]{1,32}
  source :union {
    console @1 :Void;                # the root Console
    processSpawner @2 :Void;
    endpointFactory @3 :Void;
    bootPackage @4 :Void;
    block @5 :Text;                  # the block device with this serial number
    notificationFactory @6 :Void;
    capabilityManager @7 :Void;
    systemStats @8 :Void;
    frameAllocator @9 :UInt32;       # with this many pages
    virtualMemory @10 :Void;
  }
}

struct Service @0xe84d1f6b3c2907aa {
  name @0 :Text;                     # unique; also the Console label; [a-z0-9-]{1,24}
  binary @1 :UInt16;
  args @2 :List(Text);
  grants @3 :List(ServiceGrant);
  exports @4 :List(Export);
  wait @5 :Bool;                     # init waits for its end before it starts the next service
  expect @6 :Int32;                  # the exit status that init takes as success when it waits
}

struct ServiceGrant @0xc71e0a5d98b3f264 {
  name @0 :Text;
  source :union {
    console @1 :Void;                # a Console derived with the service's name as its label
    init @2 :Text;                   # a copy of what init holds under this name
    export @3 :ExportRef;            # the client facet of another service's export
  }
}

struct Export @0xb5c0f3a1472e8d96 {
  # An endpoint that init makes; the service receives its owner side under the export's name.
  name @0 :Text;
  interfaceId @1 :UInt64;
}

struct ExportRef @0xda2f6e58b0c31947 {
  service @0 :Text;
  export @1 :Text;
}

# ---------------------------------------------------------------------------------------------
# Errors of the second layer

struct CapException @0x8f5b12d6c4e7a093 {
  type @0 :Type;
  reason @1 :Text;                   # one sentence; no addresses, no secrets
  enum Type {
    failed @0;
    overloaded @1;
    disconnected @2;
    unimplemented @3;
    invalidArgument @4;
  }
}

# ---------------------------------------------------------------------------------------------
# Kernel objects

interface Console @0xe1b7046fd3582c9a {
  writeLine @0 (text :Data) -> ();
  # Prints one line, `[label] text`. At most 512 bytes; other bytes than printable ASCII are
  # written as \xNN. The label belongs to the capability, so it cannot be forged.

  derive @1 (label :Text) -> (console :Console);
  # A Console whose label is this one's, a slash, and `label` ([a-z0-9-]{1,24}, not "kernel");
  # from the root Console the label alone. A label can only grow, to at most 80 bytes.
}

interface ProcessSpawner @0xa90d6c31e5b8f742 {
  spawn @0 (binary :Text, args :List(Text), grants :List(NamedCap)) -> (handle :ProcessHandle);
  # Starts a program of the boot package. The grants are exactly the capabilities of its CapSet.
}

struct NamedCap @0xcb4e9271f0a3d658 {
  name @0 :Text;                     # unique within the CapSet; 1 to 32 bytes of [a-z0-9-.]
  cap @1 :Capability;
}

interface ProcessHandle @0xf82a5d3b6710c9e4 {
  wait @0 () -> (end :ProcessEnd);
  # Completes when the process has ended; at once if it already has. One waiter at a time.
}

struct ProcessEnd @0xb06f7c12d9e8a345 {
  union {
    exited @0 :Int32;                # the status it gave to exit
    faulted @1 :Fault;               # the processor stopped it
  }
  enum Fault {
    pageFault @0;
    protection @1;
    invalidOpcode @2;
    divide @3;
    other @4;
  }
}

interface EndpointFactory @0xd9137e04ac6bf582 {
  create @0 (interfaceId :UInt64) -> (endpoint :Endpoint, client :Capability);
  # A new endpoint: its owner side, and a client facet of the given interface that can only CALL.
}

interface Endpoint @0xc40a8be7f19d3526 {
  # The owner side of an endpoint. It has no methods: RECV and RETURN are ring operations.
}

interface BootPackage @0xae65d0f4182c7b93 {
  readManifest @0 (offset :UInt32, length :UInt32) -> (data :Data, total :UInt32);
  # At most 32 KiB of the boot manifest message, and the message's whole length.
}

interface BlockDevice @0x97f3b8d2e0416ca5 {
  info @0 () -> (info :BlockInfo);
  read @1 (start :UInt64, count :UInt32) -> (data :Data);
  write @2 (start :UInt64, data :Data) -> ();
  flush @3 () -> ();
  # Blocks of blockSize bytes; at most 32 KiB in one call. A write is durable only after a flush
  # that was called after it has completed.
}

struct BlockInfo @0xfa1c70e592d8b346 {
  blockSize @0 :UInt32;
  blockCount @1 :UInt64;
  readOnly @2 :Bool;
  serial @3 :Text;
}

interface NotificationFactory @0x956450e01b80185d {
  create @0 () -> (notification :Notification, signaller :Signaller);
  # A new notification: a word of bits, all clear, and a facet of it that can only signal.
}

interface Notification @0xa809d621bbfaa809 {
  signal @0 (bits :UInt64) -> ();
  # Sets bits. They stay set until somebody takes them.

  wait @1 (mask :UInt64) -> (bits :UInt64);
  # Completes when a bit of the mask is set: takes the bits of the mask that are. At once if one
  # is set already.

  poll @2 (mask :UInt64) -> (bits :UInt64);
  # Takes the bits of the mask that are set, be there any or none.
}

interface Signaller @0xd3b571c51512974d {
  signal @0 (bits :UInt64) -> ();
}

interface CapabilityManager @0xcb8308f831aa823f {
  list @0 (start :UInt32) -> (caps :List(HeldCap), total :UInt32);
  # The caller's own capabilities, in the order of their slots: at most 32, from the start-th on,
  # and how many there are in all.

  derive @1 (cap :Capability) -> (derived :Capability, revoker :Revoker);
  # A capability to the same object that can be taken back, and what takes it back.
}

struct HeldCap @0xb7a43db45ddf635e {
  cap @0 :UInt32;                    # its id
  revoked @1 :Bool;
  interfaceId @2 :UInt64;
  interfaceName @3 :Text;            # of a kernel object; empty for a client facet
}

interface Revoker @0x8127d2e770353469 {
  revoke @0 () -> (revoked :UInt32);
  # Takes the derived capability back, every copy of it and all that was derived from them, in
  # every process. Says how many derivations that were: 0 when it was done already.
}

interface SystemStats @0xbd168aba41cc12f3 {
  read @0 () -> (stats :Stats);
  checkTables @1 () -> (tables :TableCheck);
  # Walks all page tables.
}

struct Stats @0xd441d6f0f24f1830 {
  # What exists now.
  framesFree @0 :UInt64;
  framesOwned @1 :UInt64;            # by processes: image, stack, ring, CapSet, page tables, committed memory
  framesShared @2 :UInt64;           # by memory objects
  processes @3 :UInt64;              # ended ones that still have a handle included
  threads @4 :UInt64;
  capabilities @5 :UInt64;
  endpoints @6 :UInt64;
  labels @7 :UInt64;
  notifications @8 :UInt64;
  derivations @9 :UInt64;
  allocators @10 :UInt64;
  memoryObjects @11 :UInt64;
  regions @12 :UInt64;
  calls @13 :UInt64;                 # under way
  callsQueued @14 :UInt64;           # of these, not yet delivered
  queueBytes @15 :UInt64;            # parameters of queued calls
  waiters @16 :UInt64;               # entries that wait for a call, an end or a signal
  entries @17 :UInt64;               # taken from rings and not completed
  # What happened since the start.
  timerInterrupts @18 :UInt64;
  processorInterrupts @19 :UInt64;   # from one processor to another
  switches @20 :UInt64;              # from one thread to another
  spawns @21 :UInt64;
}

struct TableCheck @0xcf97add8fa5b1065 {
  spaces @0 :UInt64;                 # address spaces that were walked, the kernel's own included
  pages @1 :UInt64;                  # mappings that were seen
  executable @2 :UInt64;             # frames that somebody may execute
  violations @3 :UInt64;             # mappings that let such a frame be written
}

interface FrameAllocator @0xc9d800b175670b23 {
  allocate @0 (pages :UInt32) -> (memory :MemoryObject);
  # New memory, cleared.

  derive @1 (pages :UInt32) -> (allocator :FrameAllocator);
  # An allocator of its own with a part of what this one has left.

  info @2 () -> (limit :UInt32, used :UInt32);
}

interface MemoryObject @0xdabb02027c8cb1d4 {
  info @0 () -> (pages :UInt32);

  map @1 (writable :Bool) -> (address :UInt64);
  # Maps all of it into the caller's address space, where there is room.

  unmap @2 (address :UInt64) -> ();

  reader @3 () -> (reader :MemoryReader);
  # A facet of it that cannot be mapped for writing.
}

interface MemoryReader @0xf6d2ddc80fb3328e {
  info @0 () -> (pages :UInt32);
  map @1 () -> (address :UInt64);
  unmap @2 (address :UInt64) -> ();
}

interface VirtualMemory @0xe8e6db006c4f3e8d {
  # Memory of the caller's own. Addresses and lengths are multiples of 4096.
  reserve @0 (pages :UInt32) -> (address :UInt64);
  # A range that nothing else will be mapped in, with an unmapped page on either side.

  commit @1 (address :UInt64, pages :UInt32) -> ();
  # Cleared memory for a part of a range; it can be read and written.

  protect @2 (address :UInt64, pages :UInt32, access :MemoryAccess) -> ();
  decommit @3 (address :UInt64, pages :UInt32) -> ();

  release @4 (address :UInt64) -> ();
  # Gives a whole range up, and what is committed in it.
}

enum MemoryAccess @0xaa7fcab894640d5a {
  read @0;
  write @1;                          # and read
  execute @2;                        # and read
}

# ---------------------------------------------------------------------------------------------
# User-space services

interface Store @0x8d26f1b0ea57c493 {
  # Content-addressed objects of at most 32 KiB, keyed by SHA-256.
  put @0 (data :Data) -> (result :PutResult);
  get @1 (digest :Data) -> (result :GetResult);
  has @2 (digest :Data) -> (present :Bool);
  delete @3 (digest :Data) -> (deleted :Bool);
  commit @4 () -> (result :CommitResult);
  # What was put or deleted before is durable when commit returns, and not before.
}

struct PutResult @0xe5934c0d7ab1f268 {
  union {
    digest @0 :Data;
    full @1 :Void;
    tooLarge @2 :Void;
  }
}

struct GetResult @0x9be2d8615f07c4a3 {
  union {
    data @0 :Data;
    notFound @1 :Void;
    corrupt @2 :Void;
  }
}

struct CommitResult @0xd07f5ea3c912b864 {
  union {
    generation @0 :UInt64;
    failed @1 :Text;
  }
}
