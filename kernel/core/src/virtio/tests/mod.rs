mod block;
mod layout;
mod queue;
mod start;
