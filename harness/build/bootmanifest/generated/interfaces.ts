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
  Store: 0x8d26f1b0ea57c493n,
} as const;
