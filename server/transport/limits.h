// Transport's own limits, beside those of ServerOptions.
#ifndef SKEP_SERVER_TRANSPORT_LIMITS_H_
#define SKEP_SERVER_TRANSPORT_LIMITS_H_

#include <chrono>
#include <cstddef>

namespace skep::server {

/// Header fields of one request.
inline constexpr std::size_t kHeaderFieldsMax = 100;
/// A chunk's size line with its extensions, and all trailers together.
inline constexpr std::size_t kChunkLineBytesMax = 4096;
/// A body over its limit is still read, and thrown away, up to this size, so that the client sees
/// its answer and keeps its connection.
inline constexpr std::size_t kDrainBytesMax = 256 * 1024;

/// A body that is made while it is sent is made in slices of about this size. One takes a fraction
/// of a millisecond; after it the others of the thread get their turn.
inline constexpr std::size_t kSliceBytes = 128 * 1024;

/// Time-outs are looked at this often; one fires at most this much late.
inline constexpr std::chrono::milliseconds kTick{500};
/// An idle connection keeps a buffer of its own for this long.
inline constexpr std::chrono::milliseconds kWarmTime{1000};
/// How long, and for how many bytes, a client may go on sending once it has its last answer.
inline constexpr std::chrono::milliseconds kLingerTimeMax{1000};
inline constexpr std::size_t kLingerBytesMax = 1024 * 1024;
/// Connections of a loop that came beyond the limit and wait to be told so; more are just closed.
inline constexpr std::size_t kRefusedConnectionsMax = 256;
/// How long such a connection has to send its request.
inline constexpr std::chrono::milliseconds kRefusedTimeMax{2000};

}  // namespace skep::server

#endif  // SKEP_SERVER_TRANSPORT_LIMITS_H_
