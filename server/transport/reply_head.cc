#include "server/transport/reply_head.h"

#include <charconv>
#include <cstddef>

namespace skep::server {
namespace {

std::string_view StatusLine(std::uint16_t status) {
  switch (status) {
    case 101:
      return "HTTP/1.1 101 Switching Protocols\r\n";
    case 200:
      return "HTTP/1.1 200 OK\r\n";
    case 201:
      return "HTTP/1.1 201 Created\r\n";
    case 202:
      return "HTTP/1.1 202 Accepted\r\n";
    case 204:
      return "HTTP/1.1 204 No Content\r\n";
    case 301:
      return "HTTP/1.1 301 Moved Permanently\r\n";
    case 304:
      return "HTTP/1.1 304 Not Modified\r\n";
    case 400:
      return "HTTP/1.1 400 Bad Request\r\n";
    case 401:
      return "HTTP/1.1 401 Unauthorized\r\n";
    case 403:
      return "HTTP/1.1 403 Forbidden\r\n";
    case 404:
      return "HTTP/1.1 404 Not Found\r\n";
    case 405:
      return "HTTP/1.1 405 Method Not Allowed\r\n";
    case 406:
      return "HTTP/1.1 406 Not Acceptable\r\n";
    case 408:
      return "HTTP/1.1 408 Request Timeout\r\n";
    case 409:
      return "HTTP/1.1 409 Conflict\r\n";
    case 410:
      return "HTTP/1.1 410 Gone\r\n";
    case 413:
      return "HTTP/1.1 413 Request Entity Too Large\r\n";
    case 415:
      return "HTTP/1.1 415 Unsupported Media Type\r\n";
    case 422:
      return "HTTP/1.1 422 Unprocessable Entity\r\n";
    case 429:
      return "HTTP/1.1 429 Too Many Requests\r\n";
    case 431:
      return "HTTP/1.1 431 Request Header Fields Too Large\r\n";
    case 500:
      return "HTTP/1.1 500 Internal Server Error\r\n";
    case 501:
      return "HTTP/1.1 501 Not Implemented\r\n";
    case 503:
      return "HTTP/1.1 503 Service Unavailable\r\n";
    default:
      return {};
  }
}

void AppendNumber(std::size_t number, std::string* out) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out->append(digits, static_cast<std::size_t>(end - digits));
}

void AppendStatusLine(std::uint16_t status, std::string* out) {
  if (const std::string_view known = StatusLine(status); !known.empty()) {
    *out += known;
    return;
  }
  *out += "HTTP/1.1 ";
  AppendNumber(status, out);
  *out += " Status\r\n";
}

void AppendFraming(const HttpReply& reply, std::string* out) {
  if (reply.source != nullptr) {
    *out += "Transfer-Encoding: chunked\r\n";
    return;
  }
  *out += "Content-Length: ";
  AppendNumber(reply.body_size(), out);
  *out += "\r\n";
}

}  // namespace

bool StatusAllowsBody(std::uint16_t status) {
  return status >= 200 && status != 204 && status != 304;
}

void AppendReplyHead(const HttpReply& reply, ConnectionField connection, std::string_view date,
                     std::string* out) {
  AppendStatusLine(reply.status, out);
  if (!reply.content_type.empty()) {
    *out += "Content-Type: ";
    *out += reply.content_type;
    *out += "\r\n";
  }
  if (!reply.content_encoding.empty()) {
    *out += "Content-Encoding: ";
    *out += reply.content_encoding;
    *out += "\r\n";
  }
  *out += reply.static_fields;
  for (const auto& [name, value] : reply.headers) {
    *out += name;
    *out += ": ";
    *out += value;
    *out += "\r\n";
  }
  *out += date;
  const bool until_close = connection == ConnectionField::kUntilClose;
  if (connection == ConnectionField::kClose || until_close) *out += "Connection: close\r\n";
  if (connection == ConnectionField::kKeepAlive) *out += "Connection: keep-alive\r\n";
  if (StatusAllowsBody(reply.status) && !until_close) AppendFraming(reply, out);
  *out += "\r\n";
}

}  // namespace skep::server
