/// Ack: what a write waits for before it returns.
#ifndef SKEP_REGISTRY_ACK_H_
#define SKEP_REGISTRY_ACK_H_

namespace skep {

enum class Ack {
  kDurable,    ///< Visible to every reader, and durable. Without storage the same as kPublished.
  kPublished,  ///< Visible to every reader; Engine::WaitDurable tells when it is durable.
};

}  // namespace skep

#endif  // SKEP_REGISTRY_ACK_H_
