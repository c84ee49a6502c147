#include "server/transport/http_message.h"

#include "gtest/gtest.h"

namespace skep::server {
namespace {

TEST(HttpRequest, FieldIsFoundWhateverItsCase) {
  HttpRequest request;
  request.fields = {{"Host", "h"}, {"X-Domain-Name", "first"}, {"x-domain-name", "second"}};
  EXPECT_EQ(request.Field("x-DOMAIN-name"), "first");
  EXPECT_EQ(request.Field("X-Domain"), "");
  EXPECT_EQ(request.Field("Xost"), "");
}

TEST(HttpReply, BodySizeCountsTextAndParts) {
  HttpReply reply;
  EXPECT_EQ(reply.body_size(), 0U);
  reply.text = "abc";
  reply.parts = {{"de", nullptr}, {"f", nullptr}};
  EXPECT_EQ(reply.body_size(), 6U);
}

}  // namespace
}  // namespace skep::server
