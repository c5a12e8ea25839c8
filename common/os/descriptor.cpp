// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <utility>

#include "common/os/descriptor.hpp"

namespace jackin::os {

Descriptor::Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

Descriptor::~Descriptor() {
  close();
}

int Descriptor::release() noexcept {
  return std::exchange(fd_, -1);
}

void Descriptor::close() noexcept {
  // Not repeated on EINTR: the descriptor is closed in any case (close(2), NOTES).
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

}  // namespace jackin::os
