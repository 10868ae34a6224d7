// Made from kernel/abi/capos.capnp; do not edit.

/** The id of every interface by its name in the schema. */
export const interfaceIds = {
  Console: 0xe1b7046fd3582c9an,
  ProcessSpawner: 0xa90d6c31e5b8f742n,
  ProcessHandle: 0xf82a5d3b6710c9e4n,
  EndpointFactory: 0xd9137e04ac6bf582n,
  Endpoint: 0xc40a8be7f19d3526n,
  BootPackage: 0xae65d0f4182c7b93n,
  BlockDevice: 0x97f3b8d2e0416ca5n,
  NotificationFactory: 0x956450e01b80185dn,
  Notification: 0xa809d621bbfaa809n,
  Signaller: 0xd3b571c51512974dn,
  CapabilityManager: 0xcb8308f831aa823fn,
  Revoker: 0x8127d2e770353469n,
  SystemStats: 0xbd168aba41cc12f3n,
  FrameAllocator: 0xc9d800b175670b23n,
  MemoryObject: 0xdabb02027c8cb1d4n,
  MemoryReader: 0xf6d2ddc80fb3328en,
  VirtualMemory: 0xe8e6db006c4f3e8dn,
  Store: 0x8d26f1b0ea57c493n,
} as const;
