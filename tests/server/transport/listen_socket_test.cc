#include "server/transport/listen_socket.h"

#include "gtest/gtest.h"

namespace skep::server {
namespace {

TEST(ListenSocket, PortZeroTakesOnePortForAllSockets) {
  const auto opened = OpenListenSockets("127.0.0.1:0", 3);
  ASSERT_TRUE(opened.ok()) << opened.error().ToString();
  EXPECT_EQ(opened->sockets.size(), 3U);
  EXPECT_EQ(opened->address.substr(0, 10), "127.0.0.1:");
  EXPECT_NE(opened->address, "127.0.0.1:0");
  EXPECT_FALSE(opened->v6);
}

TEST(ListenSocket, LocalhostIsResolved) {
  const auto opened = OpenListenSockets("localhost:0", 1);
  ASSERT_TRUE(opened.ok()) << opened.error().ToString();
  EXPECT_NE(opened->address.find(':'), std::string::npos);
}

TEST(ListenSocket, TakenPortIsAddressInUseAndNamed) {
  const auto first = OpenListenSockets("127.0.0.1:0", 1);
  ASSERT_TRUE(first.ok());
  const auto second = OpenListenSockets(first->address, 1);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error(), make_error_code(EngineErrc::kAddressInUse));
  EXPECT_EQ(second.error().detail(),
            first->address + " is in use by this process; stop that, or choose another port");
}

TEST(ListenSocket, MalformedAddressIsInvalid) {
  for (const char* address :
       {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1",
        "127.0.0.1:123456", ":80", "::1:80", "[::1]", "256.0.0.1:0", "192.0.2.1:0"}) {
    const auto opened = OpenListenSockets(address, 1);
    ASSERT_FALSE(opened.ok()) << address;
    EXPECT_EQ(opened.error(), make_error_code(EngineErrc::kAddressInvalid)) << address;
  }
}

}  // namespace
}  // namespace skep::server
