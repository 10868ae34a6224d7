@0xe1c5a7d20b94f386;
# One of everything that a schema of capos may use, and that kernel/abi/capos.capnp does not use yet.
# The bindings made from it are compared with Cap'n Proto like those of the real schema.

struct Numbers {
  # Every size and sign, in an order that makes the compiler fill the holes.
  bit @0 :Bool;
  small @1 :Int8;
  otherBit @2 :Bool = true;
  medium @3 :Int16 = -3;
  word @4 :Int32 = 0x7fffffff;
  large @5 :Int64 = -1;
  byte @6 :UInt8 = 255;
  half @7 :UInt16 = 513;
  single @8 :UInt32;
  double @9 :UInt64 = 0x123456789abcdef0;
  colour @10 :Colour = green;
  nothing @11 :Void;
}

enum Colour {
  red @0;
  green @1;
  darkBlue @2;
}

struct Lists {
  bytes @0 :List(UInt8);
  shorts @1 :List(Int16);
  words @2 :List(UInt32);
  longs @3 :List(Int64);
  texts @4 :List(Text);
  blobs @5 :List(Data);
  numbers @6 :List(Numbers);
  empties @7 :List(Empty);
}

struct Empty {
}

struct Shapes {
  # A union of its own, a group with plain fields, and a group inside a union.
  name @0 :Text;
  union {
    none @1 :Void;
    flag @2 :Bool;
    numbers @3 :Numbers;
    lists @4 :Lists;
    corner :group {
      x @5 :Int32;
      y @6 :Int32;
    }
    type @7 :Colour;
  }
  place :group {
    line @8 :UInt32;
    file @9 :Text;
    which1 :union {
      whole @10 :Void;
      column @11 :UInt16;
      self1 @12 :Empty;
    }
  }
  holder @13 :Holder;
}

struct Holder {
  any @0 :Capability;
  typed @1 :Calls;
  struct Inner {
    depth @0 :UInt8;
  }
  inner @2 :Inner;
}

interface Calls {
  # A method of named structs, one of its own, and one with nothing at all.
  convert @0 Numbers -> Lists;
  move @1 (from :Text, to :List(Holder)) -> (colour :Colour = darkBlue, done :Bool);
  ping @2 () -> ();
  mix @3 (shade :Shade, paint :Paint, holder :Calls, any :Capability) -> (shade :Shade, used :List(Paint));
  # What is declared inside an interface.
  enum Shade {
    pale @0;
    deep @1;
  }
  struct Paint {
    shade @0 :Shade = deep;
    name @1 :Text;
  }
}
