// HttpClient: one blocking connection, for preparing data and looking at answers in full. Anything
// that goes wrong ends the process: a benchmark has nothing better to do.
#ifndef SKEP_BENCH_LOAD_HTTP_CLIENT_H_
#define SKEP_BENCH_LOAD_HTTP_CLIENT_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skep::bench {

/// A connected TCP socket; `address` is "host:port" or "[IPv6 address]:port". Ends the process
/// where nobody is there, or nobody answers for 10 s.
int ConnectTo(const std::string& address);

/// The header of an answer, as far as this tool looks.
struct AnswerHead {
  std::size_t size = 0;  ///< Of the header itself, with its empty line.
  int status = 0;
  std::size_t body_size = 0;
  bool chunked = false;  ///< The length is not known before.
};

/// Reads the header at the start of `bytes`; nullopt where it is not complete. Ends the process
/// where it is no answer, or one whose end cannot be told.
std::optional<AnswerHead> ParseHead(std::string_view bytes);

/// The value of a header's field, whatever the name's case; empty where there is none.
std::string_view FieldOf(std::string_view head, std::string_view name);

struct Answer {
  int status = 0;
  std::string head{};
  std::string body{};

  std::string Field(std::string_view name) const { return std::string(FieldOf(head, name)); }
};

class HttpClient {
 public:
  /// `silence_max`: how long a server may think about an answer.
  explicit HttpClient(std::string address,
                      std::chrono::milliseconds silence_max = std::chrono::minutes(1));
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  const std::string& address() const { return address_; }

  /// The bytes of a request; `fields` are whole lines, each with its line break.
  std::string Format(std::string_view method, std::string_view target, std::string_view body,
                     std::string_view fields = {}) const;

  Answer Call(const std::string& request);

  /// Makes `count` requests by `make(i)`, some of them on the way at once, and hands each answer to
  /// `take(i, answer)`, in order.
  void CallAll(std::size_t count, const std::function<std::string(std::size_t)>& make,
               const std::function<void(std::size_t, const Answer&)>& take);

 private:
  void Send(std::string_view bytes);
  Answer Receive();
  std::string ReceiveBytes(std::size_t size);
  std::string ReceiveChunks();
  void Fill();

  const std::string address_;
  const int fd_;
  std::string in_;
};

}  // namespace skep::bench

#endif  // SKEP_BENCH_LOAD_HTTP_CLIENT_H_
