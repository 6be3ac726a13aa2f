"""Pickles that an earlier version made (commit c917bd1): responses and errors open, the rest says why not."""

from __future__ import annotations

import base64
import importlib
import importlib.util
import pickle
import zlib

import pytest

import dynaclient
from dynaclient import NotFound, Response

PICKLES = {
    "response": (
        "c-nnaOKTKC5H@V~k<Ak#;=w}*hz6Y5yfm^G32TTFStUg95{BNM%1$Sp?y<WkW)&e`;-$cY?GN!^__M6u+1&&LXAV=Z"
        "@9XNXYObb#{ixg-K6p1BD8{7#<>F7mKx}}e9vg>XbFD1+pMLF||LPxO%{t}^>ks~5J)<Hp*5iX)aA%kzka6)OU4J#Q"
        "hAiDcQ%_C=$kYxw=eSmmu#p?&;Ez2nu{@W8Gbglaom#Ct!^&l(LT>6QISXTi1l4!hF#g=L0;@R_;mEnpsNg72W=q!|"
        "D<7h+&z8wr7$@J9=<MFL|L%)x-^1yYIYv$46!QmD7VD#fe5dhcm94f{HYisqjP!Uvb1rYUS{s`?@jAU5?X9itXFIJ+"
        "x-dwVTS)!>i=_Q~=86=q8~9j&bsiT-mW|JK3X+;#d}knM2GYY(&5hdU;4)2<sO;|@`Rw6;4$W$~JYlxZ6x<aCh<&-k"
        "EWD;6Dl440fR}<#PQY4Xoi^ZcmTM`22gM09`_|CFARX5pQZLQIf{9o^sDaJ*!PzaHM>pedQA_dqN<N^rRW$CWwHa@1"
        "$D5wCUu2v^?jlfJr$Y59vRg*>CXxC6XOTZyN#R5?2LV+pQDp3njDJ^z%9=DSRbGOe&TZ!mAdi@&`%__Id)P?0)@Ong"
        ">f&@yrvv&{GYW;B#D*Df{;{{Xkc5IH*Fiy|>lQt1UI;B&sn;6LS>Og-qS!eEzbb_)nPv*bGvH^m4Qn`G{u9XslO#+?"
        "57+vjYO$)c3(%q${{^jZWBm"
    ),
    "error": (
        "c-nna&2AGh5C)nwCH+ZJD}e-uRU`zJ$fiGmO1Ypalu`sKipsHCIo@e(y0wk%O$i7IE;;#zc?#Zyci|lvcayXd61#_;"
        "8Gqk5<C)oSrJuj&Zd^X@PC62VW*mf#L2IdvcMDx<U&>sh{)cz>rD{i(L1aJ=K}STG3($~8t<9Eq>(}TPTtlpZq^QsX"
        "qogo^3LD@3SO3_}8%u0%{9Aw1RT!cmq<V0TZ#8Nwsck$vuDqI9monX;Q%O!aWU09nU7}K0<TmU`fj{wXl_-^QN-US6"
        "`N2rxiCdY1G7tmH0_@h-Q%`bNR)mK%OPvYgILNT|v3D!e(3^t9?vDM~=VRY@rIc8L>D}A~8+lh6NCDos$|Q~N)V|d5"
        "q~4C|;iw*vxz4=1$E;QDW^-$MH{Qf|tG%<+dbZpAgcpU3C<CcKcz*c$*Pk$%iiVFl80%eaVww0{rjTL5wRaj6!7216"
        "n5#CQgJlv&Fn6$j?AgQrBxO~%Hd8iM=hWsJP<^dK3>@P0gyEJC;RUC&3~oL#R%-BWk;*Is8aj=f#Uq`DwU}aiSW7j>"
        "ooSFkXo{=856)iUJh~ct6HAIWBQ?UZMPph|b35K?#oO3&S0j{yvJDVard$j#vR6d*XOZQ>XRe+^DV%1+LSW4oEHw5e"
        "#=on9uqqBs6qi7!bKN-uPz{pd{lnl*-z_9m$}^4~>bg>2rX&288HU0xx&=L5`4e1*l_UTXB|`^MuABE=b;xB#ihgal"
        "B?DB0O$0fI;FmKl3Z>h*pbY34Zo`IKF8+mNNHT0pI4%om10(N`eGdcdh*eBK{tGH#e6#"
    ),
    "client": (
        "c-oy-U2oh(6kU@2$_AnEQVG!_1PEmxSZ|srQ7X!Yq#>dyZUsT&rLxBM?9Mb^+jz#wu23ra(9)F#A=Kdy@Wv~@kTYYi"
        "vz5{aHBz+WnLFp+d+xo*{<Z#>SgF}R^?o>wNf2=w%U<!LRr8=&ywcrg`a-X(jwdq`i!{k_dUN4MwcQg`2%f}Rt(;V*"
        ")%~V7;%7A0u4;Rdk7<&>5vMwCos=t!@>s7Q?YTwFM|+<Y3zzx;%&5#b75aEdt$2b;$>WhI+@8^l52tWj4=CbsRV&Ss"
        "i7|F_7>~)s^OJC@@7HR3O||AFaWwVL8I3(6PHCuTxsTY#Nk|L8Rz`o$sW21?I1R99XB2_Qf@*e4b@Di*K}0g#RrPa{"
        "#oGA69v_oP=$UGVNsx~%%ZvHXcYBw|?R)d(C5<A<vw#+%Bq@za%C%~2_WHd|_~Y>~v1bj*WkhlE1H49{5<C>ed1nIw"
        "HBus(Nk}a@6Z5k?qS9Vm1!zVjOut0}OG%1y&hsl6Siarw7pCAO$apF(ZVgU?B$g&z0IrcVjd);@oF@Vn7lyKc(J?MISSING"
        "x}2tnubKEyC`c4Ss1~CnM3^?7pT2PM%kJU-8`a{#9ns8~<!X7Wzh%z8Vgr%q*kS$S<>T55+{!bq*+A7}GB)7k<Iq;9"
        "9wh|Xe0UYzhD5XrtRE!C{Uz7+EJ>t+Ymy*9Z)^6WYJOcTE2GAc%7B5SVIBuENl;?67|A3j5v*7Z-BXyn($DqxdYw_W"
        "0?Zps%Jh!oY~0>K?fSiqJDZzZ+dKL<pt@4~s=*Q=h3=~6Fo{fDu4)7X{OOmukEU!7c^uk4e~eDa(@}=#(XXalW*W}$"
        "06#6{XlDafA6%6`Q0N4WatOOAf?Q|2w(M++ZL@(y(9bkcjX05JW=u9bvYo&NtSivkWoOy4)jh;&D~*vc5n$QEkY#3+"
        "kbrkeQ>p*Zh`&=c8i>tR=i%jJMK0!MJ^}1=%(<U)OU2cdtWMV|to?Fpj>tX%PSZ2>L7hIj3I%6q9%=eeH6B^R^0v7w"
        "EcM=;RBZ0DUxZrqh{TSc%VKlFb_M*HHY|-M0@;sIBKxRry`dG0u+dIc3YGW)WLGU89iEudOu+tN*6q6NZ}em=&gV%Q"
        "!!OwYPWExM@*NF1IWePFo$j+wRo#W4U2YwsQSLfc6P%|T69;18R73Az-kox?orS4>x?#rJDMy+OsPDq-za``WAh+KR"
        "(qdhha{Z~h)E6d?NAs#&27O;O3&GH{%IgDob*}YVYK#MYSqvT0#K$QVb2gi~Gmtw+JO<+W|3$P=Y=EGj>jf_E0^{a&"
        "81^1+v46@NuBl*m0pj7c5JnJ7h!@&*t6Mv`_1^2Z$`B2`pw=`qNC-}CyD#cP!A-9`gu)!m&8q2a`2;($dCz4z-iUU%"
        "R=tpCQ1rPXG(16gSd9F;UVzsk(7AaNsvC>n9g7F62MbS?yS8UzDh6s5&~3OHQ6rM(;hamxXsJGFL?F|;3#TnllFTIj"
        "+IP-;uX$1|DuMVNIdr@;l5ye}ItPRRT8wX(mk^|LHud5prbb&E_!59-Vucq^q#1)uqDw=g&_-n<QgG1m0=$F`TjnwM"
        "d;bBJE5Ly"
    ),
    "operation": (
        "c-ozl!Al!a5XOT^6Ba>oD_A|)Qx?&eNb1G*ASmLYs|OEWEWGRvnGMPAW8Vh#5YdCe!n>4C|KHAgCYueEP`amK-pud&"
        "X5QQ9#_u2Xn)}Rd^q9zS97B>HMrk;m*dSGq$vjRIGTv1g|04f|?x<rnQbqW|)Gy9&$ZUuQav4)2^a|e(ux6U4iN1$y"
        "*-}61cKLWlrY)5k$Du=tk!CK}d*307<;|mlvIW~_=WpH?0hvaSM$39eH*yOw&2%t=Fei<k`6iUiQH!VEgBU_CGSDhb"
        "G-$zwM3^QyqeR8hQ_p%5Iz*UAb_|1HM)<MRXf95+E&llb@Qyp98FhY=4+CvCa4j=AfqZ3Yw+8_$BFKo-#nJ_SGOd`|"
        "Lrz;8Vy%t$el3_*or_0_Cu$5-6h%;=SHXWqVX>Wm#X25(JjyFox79J55$G_Bm3u&pY|VFK%i6f7O>2&^iGBQ{r(CqN"
        "PS<I%5^gTG)bIA))AFm*_!T|9mi6A|SZ@>rE3V5Q;4-o=-7CB7o#7Uq;2B;{t=Fwp{(KYmZeeiv2UC?qod"
    ),
}


def opened(kind: str) -> object:
    return pickle.loads(zlib.decompress(base64.b85decode(PICKLES[kind])))


def test_a_response_opens() -> None:
    response = opened("response")
    assert isinstance(response, Response)
    assert (response.status, response.data, response.headers["x-n"]) == (200, {"a": 1}, "5")
    assert (response.violations, response.unchecked, response.notes, response.links) == ((), (), (), {})
    assert response.header("X-N") == 5
    assert repr(pickle.loads(pickle.dumps(response))) == repr(response)


def test_an_error_opens() -> None:
    error = opened("error")
    assert isinstance(error, NotFound)
    assert (error.status, error.data) == (404, {"why": "gone"})


@pytest.mark.parametrize("kind", ["client", "operation"])
def test_of_what_holds_a_document_it_is_said_that_another_version_made_it(kind: str) -> None:
    with pytest.raises(
        ModuleNotFoundError, match=rf"dynaclient {dynaclient.__version__} has no module .*another version"
    ):
        opened(kind)


@pytest.mark.parametrize("name", ["dynaclient.nowhere", "dynaclient.wire.nowhere", "dynaclient.target"])
def test_a_module_that_is_not_there(name: str) -> None:
    with pytest.raises(ModuleNotFoundError) as caught:
        importlib.import_module(name)
    assert caught.value.name == name


def test_names_of_others_are_nothing_to_it() -> None:
    assert importlib.util.find_spec("dynaclient_of_another") is None
    with pytest.raises(ImportError, match="cannot import name"):
        exec("from dynaclient import nowhere")
