#include <skep/skep.h>

int main() {
  auto engine = skep::Engine::Open().value();
  auto& registry = engine->registry();
  auto cart = registry.microservices().Register({.app_id = "shop", .name = "cart"}).value();
  auto a = registry.instances().Register(cart, {.host = "a", .endpoints = {"rest://a:80"}}).value();
  registry.instances().Heartbeat(cart, a).value();
  auto found = registry.discovery().Find({.app_id = "shop", .name = "cart"}).value();
  return found.instances().front().id() == a ? 0 : 1;
}
