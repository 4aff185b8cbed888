/** A dialog over the page: it holds focus, closes by Escape and gives focus back. On a phone it comes from below. */
import type { ReactNode } from "react";
import { Dialog as AriaDialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";

interface Props {
  title: string;
  open: boolean;
  onClose: () => void;
  /** A question that must be answered is an alert. */
  role?: "dialog" | "alertdialog";
  children: ReactNode;
}

export function Dialog({ title, open, onClose, role = "dialog", children }: Props) {
  return (
    <ModalOverlay
      className="overlay"
      isOpen={open}
      isDismissable={role === "dialog"}
      onOpenChange={(now) => {
        if (!now) onClose();
      }}
    >
      <Modal className="modal">
        <AriaDialog className="dialog" role={role}>
          <Heading slot="title" level={2} className="dialog-title">
            {title}
          </Heading>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
