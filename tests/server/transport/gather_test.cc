#include "server/transport/gather.h"

#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace skep::server {
namespace {

class GatherTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds_), 0); }
  void TearDown() override {
    ::close(fds_[0]);
    if (fds_[1] >= 0) ::close(fds_[1]);
  }

  int socket() const { return fds_[0]; }
  void ClosePeer() {
    ::close(fds_[1]);
    fds_[1] = -1;
  }
  void Drain(std::string& to) {
    char bytes[65536];
    ssize_t size;
    while ((size = ::recv(fds_[1], bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
      to.append(bytes, static_cast<std::size_t>(size));
    }
  }

 private:
  int fds_[2];
};

TEST_F(GatherTest, SendsPiecesInOrder) {
  Gather gather;
  gather.Add("a");
  gather.Add("");
  gather.Add("bc");
  EXPECT_EQ(gather.bytes_left(), 3U);
  EXPECT_EQ(gather.Send(socket()), Gather::Progress::kDone);
  EXPECT_EQ(gather.bytes_left(), 0U);
  std::string received;
  Drain(received);
  EXPECT_EQ(received, "abc");
}

// More pieces than one call may take, and more bytes than the socket takes at once.
TEST_F(GatherTest, GoesOnWhereItStopped) {
  std::vector<std::string> pieces;
  std::string all;
  for (int i = 0; i < 5000; ++i) {
    pieces.push_back(std::to_string(i) + std::string(200, 'x'));
    all += pieces.back();
  }
  Gather gather;
  for (const std::string& piece : pieces) gather.Add(piece);
  std::string received;
  bool blocked = false;
  Gather::Progress progress;
  while ((progress = gather.Send(socket())) == Gather::Progress::kWouldBlock) {
    blocked = true;
    Drain(received);
  }
  EXPECT_EQ(progress, Gather::Progress::kDone);
  Drain(received);
  EXPECT_TRUE(blocked);
  EXPECT_EQ(received, all);
}

TEST_F(GatherTest, FailsWhereThePeerIsGone) {
  ClosePeer();
  Gather gather;
  gather.Add("x");
  EXPECT_EQ(gather.Send(socket()), Gather::Progress::kFailed);
}

TEST_F(GatherTest, ClearForgetsWhatWasNotSent) {
  Gather gather;
  gather.Add("x");
  gather.Clear();
  EXPECT_EQ(gather.bytes_left(), 0U);
  EXPECT_EQ(gather.Send(socket()), Gather::Progress::kDone);
}

}  // namespace
}  // namespace skep::server
