// The head of an answer: status line and header fields as they go over the wire.
#ifndef SKEP_SERVER_TRANSPORT_REPLY_HEAD_H_
#define SKEP_SERVER_TRANSPORT_REPLY_HEAD_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "server/transport/http_message.h"

namespace skep::server {

/// What the connection adds to a reply's own header fields.
/// kUntilClose: the body has no length, it ends with the connection.
enum class ConnectionField : std::uint8_t { kNone, kClose, kKeepAlive, kUntilClose };

/// False where HTTP knows no body for the status: 1xx, 204, 304.
bool StatusAllowsBody(std::uint16_t status);

/// Appends the head, its empty line included. A body with a source is said to be chunked unless the
/// connection's end is its own. `date` is a whole Date field with its line break.
void AppendReplyHead(const HttpReply& reply, ConnectionField connection, std::string_view date,
                     std::string* out);

}  // namespace skep::server

#endif  // SKEP_SERVER_TRANSPORT_REPLY_HEAD_H_
