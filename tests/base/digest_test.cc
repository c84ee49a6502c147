#include "base/digest.h"

#include <gtest/gtest.h>

#include <string>

namespace skep::base {
namespace {

TEST(Sha1Hex, AnswersOfTheStandard) {
  EXPECT_EQ(Sha1Hex(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(Sha1Hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(Sha1Hex(std::string(1'000'000, 'a')), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

// Ids that real registries gave (API manual 8.3.1, 8.3.3).
TEST(Sha1Hex, IdsOfMicroservices) {
  EXPECT_EQ(Sha1Hex("/cse-sr/ms/indexes/default/default/development/default/SERVICECENTER/2.4.8"),
            "819706e21b7173306797d19922ce4231441c17c5");
  EXPECT_EQ(Sha1Hex("/cse-sr/ms/indexes/default/default//test/test1/1.0.0"),
            "dcc6c1073eab3cadb47cea2e1a874b7883b02a63");
}

TEST(Sha1Hex, ZeroBytesCount) {
  EXPECT_NE(Sha1Hex(std::string_view("a\0b", 3)), Sha1Hex(std::string_view("a\0c", 3)));
}

TEST(Sha256Hex, AnswersOfTheStandard) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace skep::base
