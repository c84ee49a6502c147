#include "server/codec/time_text.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <limits>

namespace skep::server {
namespace {

using Wide = std::uint64_t;

struct Unit {
  std::string_view name;
  Wide nanoseconds;
};

// Longer names before those that they begin with.
constexpr std::array<Unit, 8> kUnits{{{"ns", 1},
                                      {"us", 1'000},
                                      {"\u00b5s", 1'000},  // Micro sign, and the Greek letter.
                                      {"\u03bcs", 1'000},
                                      {"ms", 1'000'000},
                                      {"s", 1'000'000'000},
                                      {"m", 60'000'000'000},
                                      {"h", 3'600'000'000'000}}};

constexpr Wide kNanosecondsMax = std::numeric_limits<std::int64_t>::max();

const Unit* TakeUnit(std::string_view* text) {
  for (const Unit& unit : kUnits) {
    if (!text->starts_with(unit.name)) continue;
    text->remove_prefix(unit.name.size());
    return &unit;
  }
  return nullptr;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes digits off the front. False where their number is too large.
bool TakeDigits(std::string_view* text, Wide* value, std::size_t* count) {
  for (; !text->empty() && IsDigit(text->front()); text->remove_prefix(1), ++*count) {
    const Wide digit = static_cast<Wide>(text->front() - '0');
    if (*value > (kNanosecondsMax - digit) / 10) return false;
    *value = *value * 10 + digit;
  }
  return true;
}

// The digits behind a point, in billionths; what is finer than that is dropped.
Wide TakeFraction(std::string_view* text, std::size_t* count) {
  Wide billionths = 0;
  Wide weight = 100'000'000;
  for (; !text->empty() && IsDigit(text->front()); text->remove_prefix(1), ++*count) {
    billionths += weight * static_cast<Wide>(text->front() - '0');
    weight /= 10;
  }
  return billionths;
}

// One number with its unit off the front.
std::optional<Wide> TakePart(std::string_view* text) {
  Wide whole = 0;
  Wide billionths = 0;
  std::size_t digits = 0;
  if (!TakeDigits(text, &whole, &digits)) return std::nullopt;
  if (text->starts_with('.')) {
    text->remove_prefix(1);
    billionths = TakeFraction(text, &digits);
  }
  if (digits == 0) return std::nullopt;
  const Unit* unit = TakeUnit(text);
  if (unit == nullptr || whole > kNanosecondsMax / unit->nanoseconds) return std::nullopt;
  // In two steps, for a billionth of an hour times 10^9 is more than 64 bits hold.
  const Wide fraction = unit->nanoseconds >= 1'000'000'000
                            ? billionths * (unit->nanoseconds / 1'000'000'000)
                            : billionths * unit->nanoseconds / 1'000'000'000;
  return whole * unit->nanoseconds + fraction;
}

}  // namespace

std::string Timestamp(WallTime time) {
  using namespace std::chrono;
  const sys_days day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  char text[40];
  std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

std::optional<std::chrono::nanoseconds> ParseDuration(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return std::chrono::nanoseconds(0);
  if (text.empty()) return std::nullopt;
  Wide total = 0;
  while (!text.empty()) {
    const std::optional<Wide> part = TakePart(&text);
    if (!part.has_value() || *part > kNanosecondsMax - total) return std::nullopt;
    total += *part;
  }
  return std::chrono::nanoseconds(static_cast<std::int64_t>(total));
}

}  // namespace skep::server
