// RequestParser: one HTTP/1.1 request out of a connection's buffer, as views into it.
//
// Beast's basic_parser does the reading; this class keeps the views, decodes a chunked body in
// place and refuses what Beast lets pass but two readers might read in two ways (request
// smuggling): folded header lines, a transfer coding other than chunked, a repeated or listed
// Content-Length, none or several Host fields, targets that are no path.
//
// The buffer holds the message from its first byte. For a message that comes in two pieces:
//
//   parser.Start(&request, buffer);
//   parser.Put(40);      // kNeedMore: 40 bytes are there
//   parser.Put(95);      // kComplete: end() is 90; the 5 bytes behind it are the next request's
//
// Between two calls the owner may Squeeze() the buffer and may move it (MovedTo).
// Thread-safety: none.
#ifndef SKEP_SERVER_TRANSPORT_REQUEST_PARSER_H_
#define SKEP_SERVER_TRANSPORT_REQUEST_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "server/transport/http_message.h"

namespace skep::server {

class RequestParser {
 public:
  enum class State : std::uint8_t {
    kNeedMore,
    kComplete,
    kBodyTooLarge,    ///< Answer it (body_too_large is set), then close: the body is not read.
    kBad,             ///< Not HTTP, or ambiguous: 400.
    kHeaderTooLarge,  ///< 431.
  };

  /// `handler` is asked for body limits and must outlive the parser.
  RequestParser(const HttpHandler& handler, std::size_t header_bytes_max);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  /// Begins a message whose first byte is, or will be, at `message`. Fills `request`, which must
  /// outlive the message; `peer` and `now` are left alone.
  void Start(HttpRequest* request, char* message);

  /// Goes on with the message, of which (with what follows it) `size` bytes are there now.
  State Put(std::size_t size);

  /// Closes the gap that a chunked or a dropped body has left behind its decoded part; returns the
  /// new size. What follows the gap moves down.
  std::size_t Squeeze(std::size_t size);

  /// The message's bytes were copied to `message`. REQUIRES: the old bytes are still there.
  void MovedTo(char* message);

  /// REQUIRES (all below): what each says.
  std::size_t end() const { return used_; }          ///< kComplete. Where the next message begins.
  bool header_done() const { return header_done_; }  ///< Start was called.
  bool http11() const { return http11_; }            ///< header_done
  bool keep_alive() const { return keep_alive_; }    ///< header_done
  /// kNeedMore. True once, where the client waits to hear that its body is welcome.
  bool TakeContinue();
  /// kNeedMore. Bytes of the whole message as far as its header tells; 0: unknown.
  std::size_t size_hint() const;

 private:
  class Machine;
  struct Storage;

  State PutPart(std::size_t size);
  State Finish();
  bool HeaderIsSound();
  bool ReduceTarget();
  bool HasBareLineFeed(std::size_t begin, std::size_t end) const;

  const HttpHandler& handler_;
  const std::size_t header_bytes_max_;
  std::unique_ptr<Storage> storage_;

  HttpRequest* request_ = nullptr;
  char* base_ = nullptr;
  std::size_t used_ = 0;        ///< Bytes parsed.
  std::size_t scanned_ = 0;     ///< Bytes of the header searched for bare line feeds.
  std::size_t body_begin_ = 0;  ///< 0: no byte of the body has come.
  std::size_t body_size_ = 0;   ///< Bytes kept behind body_begin_.
  std::size_t body_limit_ = 0;
  std::size_t content_length_ = 0;
  std::size_t dropped_ = 0;  ///< Bytes of a body over its limit.
  std::uint8_t hosts_ = 0;
  std::uint8_t lengths_ = 0;
  bool http11_ = false;
  bool chunked_ = false;
  bool keep_alive_ = false;
  bool header_done_ = false;
  bool expects_continue_ = false;
};

}  // namespace skep::server

#endif  // SKEP_SERVER_TRANSPORT_REQUEST_PARSER_H_
