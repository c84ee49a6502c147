// Times and durations as texts of the APIs.
#ifndef SKEP_SERVER_CODEC_TIME_TEXT_H_
#define SKEP_SERVER_CODEC_TIME_TEXT_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "skep/clock.h"

namespace skep::server {

/// "2024-01-01T00:01:30.000Z" (RFC 3339, UTC).
std::string Timestamp(WallTime time);

/// A duration as Go writes it: decimal numbers with units (h, m, s, ms, us, ns), one after the
/// other, such as "1h30m" or "1.5s", or "0". Nothing where `text` is none, is negative, or is
/// beyond what nanoseconds can count.
std::optional<std::chrono::nanoseconds> ParseDuration(std::string_view text);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_TIME_TEXT_H_
