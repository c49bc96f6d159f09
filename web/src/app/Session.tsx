import type { ReactNode } from "react";

import { isSignedOut } from "../api/queryClient";
import { useMe } from "../api/queries/session";
import { SignInPage } from "../pages/sign-in/SignInPage";
import { Loading, Problem } from "../shared/ui/Notice";
import { Shell } from "./Shell";

// Whoever is not signed in sees the sign-in in place of any page, and then that page.
export function Session({ children }: { children: ReactNode }) {
  const me = useMe();
  if (isSignedOut(me.error)) return <SignInPage />;
  if (me.data) return <Shell login={me.data.login}>{children}</Shell>;
  if (me.error) return <Problem error={me.error} onRetry={() => void me.refetch()} />;
  return <Loading what="Gyre" />;
}
