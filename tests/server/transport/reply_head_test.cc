#include "server/transport/reply_head.h"

#include <cstdint>
#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace skep::server {
namespace {

std::string HeadOf(const HttpReply& reply, ConnectionField field = ConnectionField::kNone) {
  std::string head;
  AppendReplyHead(reply, field, "Date: d\r\n", &head);
  return head;
}

TEST(ReplyHead, FieldsAreWrittenAsSpelled) {
  HttpReply reply;
  reply.content_type = "application/json";
  reply.static_fields = "Server: s\r\nVary: Origin\r\n";
  reply.headers = {{"X-Resource-Revision", "7"}, {"X-Kie-Revision", "8"}};
  reply.text = "{}";
  EXPECT_EQ(HeadOf(reply),
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nServer: s\r\nVary: Origin\r\n"
            "X-Resource-Revision: 7\r\nX-Kie-Revision: 8\r\nDate: d\r\nContent-Length: 2\r\n\r\n");
}

TEST(ReplyHead, ConnectionFieldIsAddedWhereAskedFor) {
  EXPECT_EQ(HeadOf({}, ConnectionField::kClose),
            "HTTP/1.1 200 OK\r\nDate: d\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(HeadOf({}, ConnectionField::kKeepAlive),
            "HTTP/1.1 200 OK\r\nDate: d\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n");
}

TEST(ReplyHead, NoLengthWhereNoBodyIsAllowed) {
  HttpReply reply;
  reply.text = "ignored";
  for (const auto& [status, line] :
       {std::pair<std::uint16_t, std::string>{204, "204 No Content"}, {304, "304 Not Modified"}}) {
    reply.status = status;
    EXPECT_FALSE(StatusAllowsBody(status));
    EXPECT_EQ(HeadOf(reply), "HTTP/1.1 " + line + "\r\nDate: d\r\n\r\n");
  }
}

TEST(ReplyHead, EveryStatusOfTheApisHasItsReason) {
  HttpReply reply;
  for (const char* line :
       {"101 Switching Protocols", "301 Moved Permanently", "406 Not Acceptable", "409 Conflict",
        "410 Gone", "415 Unsupported Media Type", "422 Unprocessable Entity",
        "429 Too Many Requests", "503 Service Unavailable"}) {
    reply.status = static_cast<std::uint16_t>(std::stoi(line));
    const std::string head = HeadOf(reply);
    EXPECT_EQ(head.substr(0, head.find('\r')), std::string("HTTP/1.1 ") + line);
  }
}

TEST(ReplyHead, UnusualStatusHasItsNumber) {
  HttpReply reply;
  reply.status = 418;
  EXPECT_EQ(HeadOf(reply).substr(0, 23), "HTTP/1.1 418 Status\r\nDa");
}

}  // namespace
}  // namespace skep::server
