/** A button that opens a menu. Loaded after the page stands: nobody opens a menu in its first moments. */
import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { Menu as AriaMenu, MenuItem, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";

import { Icon, type IconName } from "./icon";

interface Props {
  label: string;
  className: string;
  button: ReactNode;
  items: readonly { id: string; label: string; icon?: IconName }[];
  /** The chosen one, where the menu is a choice. */
  selected?: string;
  onAction: (id: string) => void;
}

export default function Menu({ label, className, button, items, selected, onAction }: Props) {
  return (
    <MenuTrigger>
      <Button className={className} aria-label={label}>
        {button}
      </Button>
      <Popover className="popover" placement="bottom end">
        <AriaMenu
          className="menu"
          aria-label={label}
          onAction={(id) => {
            onAction(String(id));
          }}
          {...(selected === undefined ? {} : { selectionMode: "single" as const, selectedKeys: [selected], disallowEmptySelection: true })}
        >
          {items.map((item) => (
            <MenuItem className="menu-item" id={item.id} key={item.id}>
              {item.icon && <Icon name={item.icon} />}
              {item.label}
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
