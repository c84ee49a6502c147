// The registry of this process over HTTP, as docs/embed.md shows it.
#include <skep/server/server.h>
#include <skep/skep.h>

#include <chrono>

int main() {
  auto engine = skep::Engine::Open().value();
  auto server = skep::Server::Start(*engine, {.listen = {"127.0.0.1:0"}, .threads = 1}).value();
  const bool bound = server->url().starts_with("http://127.0.0.1:");
  return bound && server->Stop(std::chrono::seconds(5)) ? 0 : 1;
}
