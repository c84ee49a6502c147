#include "server/codec/json_writer.h"

#include <cassert>
#include <charconv>
#include <cstddef>
#include <cstring>

#include "base/text.h"

namespace skep::server {
namespace {

// Sixteen characters, compared all at once. Signed, so that what is not ASCII is below zero.
using Block = signed char __attribute__((vector_size(16)));

Block Load(const char* text) {
  Block block;
  std::memcpy(&block, text, sizeof block);
  return block;
}

// Which of the characters do not stand for themselves in a JSON string, or are not ASCII: all bits
// of theirs are set.
Block Unclean(Block text) {
  // '"' and '&' differ in one bit, and so do '<' and '>'.
  return (text < 0x20) | ((text | 0x04) == '&') | ((text | 0x02) == '>') | (text == '\\');
}

bool AnySet(Block block) {
  std::uint64_t halves[2];
  std::memcpy(halves, &block, sizeof halves);
  return (halves[0] | halves[1]) != 0;
}

bool IsClean(signed char c) {
  return c >= 0x20 && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
}

// How many characters at the front stand for themselves: all of them, or so many whole blocks.
std::size_t CleanBlocks(std::string_view text) {
  std::size_t at = 0;
  while (at + sizeof(Block) <= text.size() && !AnySet(Unclean(Load(text.data() + at)))) {
    at += sizeof(Block);
  }
  // What is left of a long text is looked at as its last sixteen.
  if (at < sizeof(Block) || at + sizeof(Block) <= text.size()) return at;
  return AnySet(Unclean(Load(text.data() + text.size() - sizeof(Block)))) ? at : text.size();
}

void AppendUnicodeEscape(unsigned code, std::string* out) {
  constexpr char kDigits[] = "0123456789abcdef";
  const char escape[] = {'\\',
                         'u',
                         kDigits[(code >> 12) & 0xf],
                         kDigits[(code >> 8) & 0xf],
                         kDigits[(code >> 4) & 0xf],
                         kDigits[code & 0xf]};
  out->append(escape, sizeof escape);
}

void AppendAscii(char c, std::string* out) {
  switch (c) {
    case '"':
      out->append("\\\"");
      return;
    case '\\':
      out->append("\\\\");
      return;
    case '\n':
      out->append("\\n");
      return;
    case '\r':
      out->append("\\r");
      return;
    case '\t':
      out->append("\\t");
      return;
    default:
      AppendUnicodeEscape(static_cast<unsigned char>(c), out);
  }
}

// Appends the character at `at`, which does not stand for itself or is not ASCII; returns its
// length.
std::size_t AppendCharacter(std::string_view text, std::size_t at, std::string* out) {
  const std::size_t length = base::SequenceLength(text.substr(at));
  if (length == 1) {
    AppendAscii(text[at], out);
  } else if (length == 0) {
    AppendUnicodeEscape(0xfffd, out);
    return 1;
  } else if (text.substr(at, length) == "\u2028") {
    AppendUnicodeEscape(0x2028, out);
  } else if (text.substr(at, length) == "\u2029") {
    AppendUnicodeEscape(0x2029, out);
  } else {
    out->append(text.substr(at, length));
  }
  return length;
}

}  // namespace

void AppendJsonString(std::string_view text, std::string* out) {
  out->push_back('"');
  std::size_t clean_from = 0;
  std::size_t at = CleanBlocks(text);
  while (at < text.size()) {
    if (IsClean(static_cast<signed char>(text[at]))) {
      ++at;
      continue;
    }
    out->append(text.substr(clean_from, at - clean_from));
    at += AppendCharacter(text, at, out);
    clean_from = at;
    at += CleanBlocks(text.substr(at));
  }
  out->append(text.substr(clean_from));
  out->push_back('"');
}

void AppendDecimal(std::int64_t value, std::string* out) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value);
  out->append(digits, end.ptr);
}

void JsonObject::Key(std::string_view name) {
  // Put together first, for one append is cheaper than three.
  assert(name.size() <= kNameBytesMax);
  char text[kNameBytesMax + 4];
  char* at = text;
  if (!first_) *at++ = ',';
  first_ = false;
  *at++ = '"';
  std::memcpy(at, name.data(), name.size());
  at += name.size();
  *at++ = '"';
  *at++ = ':';
  out_->append(text, at);
}

void JsonObject::Member(std::string_view name) {
  if (!first_) out_->push_back(',');
  first_ = false;
  AppendJsonString(name, out_);
  out_->push_back(':');
}

void JsonObject::Entry(std::string_view key, std::string_view value) {
  Member(key);
  AppendJsonString(value, out_);
}

void JsonObject::NumberText(std::string_view name, std::int64_t value) {
  if (value == 0) return;
  Key(name);
  out_->push_back('"');
  AppendDecimal(value, out_);
  out_->push_back('"');
}

}  // namespace skep::server
