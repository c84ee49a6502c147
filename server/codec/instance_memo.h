// The texts of instances and of lists of them, each made once and kept where the registry lets a
// codec keep them.
//
// An instance's text lies in its memo slot, so a change to one instance encodes that one anew. The
// list of a whole family lies in its snapshot's slot, so equal finds share one text; it is put
// together from the texts of the instances. Its gzip form, made when a client first asks for it,
// lies beside it. Where the memos' budget is spent, texts are made for
// the one answer and dropped.
//
// Thread-safety: any thread.
#ifndef SKEP_SERVER_CODEC_INSTANCE_MEMO_H_
#define SKEP_SERVER_CODEC_INSTANCE_MEMO_H_

#include <cstdint>
#include <memory>
#include <string>

#include "skep/registry/discovery.h"
#include "skep/registry/types.h"

namespace skep::server {

/// Appends the instance's text.
void AppendInstanceFromMemo(const Instance& instance, std::string* out);

/// Appends {"instance":{...}}.
void AppendInstanceBody(const Instance& instance, std::string* out);

/// Lists of at least this many bytes are shared, shorter ones copied: so small an answer is cheaper
/// to copy than to count its readers.
inline constexpr std::size_t kSharedListBytesMin = 2048;

enum class Coding : std::uint8_t { kPlain, kGzip };

/// A body of instances: {"instances":[...]}, or {} where there is none. One of the two texts is
/// set.
struct InstancesBody {
  std::string own{};
  std::shared_ptr<const std::string> shared{};
  Coding coding = Coding::kPlain;  ///< Of the text.
};

/// `accepted` is what the client reads beside plain text. Packed is only what is kept for the next
/// caller; where that cannot be, the text is plain.
InstancesBody MakeInstancesBody(const FindResult& found, Coding accepted = Coding::kPlain);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_INSTANCE_MEMO_H_
