mod block;
mod hostile;
mod layout;
mod queue;
mod start;
